"""The database in one file, made while the site runs: SQLite's online backup, PostgreSQL's pg_dump."""

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

from django.db import connection

from recommender.backups.errors import BackupError

FILES: Final = {"sqlite": "catalogue.sqlite3", "postgresql": "catalogue.dump"}
# libpq's variables, by the option that a DATABASE_URL may carry.
_OPTIONS: Final = {
    "sslmode": "PGSSLMODE", "sslrootcert": "PGSSLROOTCERT", "sslcert": "PGSSLCERT", "sslkey": "PGSSLKEY",
    "target_session_attrs": "PGTARGETSESSIONATTRS", "connect_timeout": "PGCONNECT_TIMEOUT",
}  # fmt: skip


def file_name() -> str:
    """The dump's name in a backup of the database in use."""
    return FILES[connection.vendor]


def dump(target: Path) -> None:
    """Write the database into the new file `target`. Raises BackupError, DatabaseError, OSError."""
    if connection.vendor == "postgresql":
        _run("pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")
        return
    connection.ensure_connection()
    try:
        with closing(sqlite3.connect(target)) as copy:
            connection.connection.backup(copy)
            (verdict,) = copy.execute("PRAGMA quick_check").fetchone()
    except sqlite3.Error as error:
        raise BackupError(f"The database cannot be copied to {target} ({error}).") from error
    if verdict != "ok":
        raise BackupError(f"The database is damaged ({verdict}): restore an earlier backup.")


def restore(source: Path) -> None:
    """Replace the database's content by a dump's, whatever schema it has. Nobody else may use the database meanwhile.

    Raises BackupError, DatabaseError, OSError.
    """
    if connection.vendor == "postgresql":
        # Before anything is dropped all of it is read: the list at its beginning is whole in half a dump, too.
        _run("pg_restore", f"--file={os.devnull}", str(source), connects=False)
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(table)} CASCADE")
        connection.close()
        _run("pg_restore", "--no-owner", "--no-privileges", "--single-transaction", str(source))
        return
    connection.ensure_connection()
    try:
        with closing(sqlite3.connect(f"{source.resolve().as_uri()}?mode=ro", uri=True)) as copy:
            (verdict,) = copy.execute("PRAGMA quick_check").fetchone()
            if verdict != "ok":
                raise BackupError(f"{source} cannot be restored: it is damaged ({verdict}).")
            copy.backup(connection.connection)
    except sqlite3.Error as error:
        raise BackupError(f"{source} cannot be restored ({error}): is the site stopped?") from error


def _run(program: str, *words: str, connects: bool = True) -> None:
    path = shutil.which(program)
    if path is None:
        raise BackupError(f"{program} is not installed: apt-get install postgresql-client")
    done = subprocess.run([path, *(_where() if connects else ()), *words], env=_secrets(), capture_output=True, text=True)  # nosec B603  # noqa: S603  (our own words)
    if done.returncode:
        reason = done.stderr.strip().splitlines() or ["no reason given"]
        raise BackupError(f"{program} failed: {reason[0]}")


def _where() -> Sequence[str]:
    database = connection.settings_dict
    pairs = {"host": database["HOST"], "port": database["PORT"], "username": database["USER"], "dbname": database["NAME"]}
    return [f"--{name}={value}" for name, value in pairs.items() if value] + ["--no-password"]


def _secrets() -> dict[str, str]:
    """The environment with what must not stand among a command's words, where every user sees it."""
    database = connection.settings_dict
    options = {_OPTIONS[name]: str(value) for name, value in database.get("OPTIONS", {}).items() if name in _OPTIONS}
    return {**os.environ, "PGPASSWORD": str(database["PASSWORD"] or ""), **options}
