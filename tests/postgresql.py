"""Debian's PostgreSQL on loopback: a cluster of its own in a temporary folder, gone when the block ends.

`python -m tests.postgresql COMMAND …` runs a command with TEST_DATABASE_URL set to it; where no server is installed it prints
one line and runs nothing.
"""

import getpass
import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# The order of a language's dictionary, as a server of Debian has it by default; in "C" some mistakes of sorting do not show.
LOCALE = ["--encoding=UTF8", "--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=en-US"]
# What a crash of the machine would lose is of no interest here.
QUICK = "-c fsync=off -c synchronous_commit=off -c full_page_writes=off"
START_SECONDS = "60"


def server_folder() -> Path | None:
    """Where the newest installed server's programs are; None: there is none."""
    folders = [path.parent for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")]
    if folders:
        return max(folders, key=lambda folder: int(folder.parent.name))
    return Path(initdb).parent if (initdb := shutil.which("initdb")) else None


@contextmanager
def postgresql() -> Iterator[str]:
    """Start a server on a free port of 127.0.0.1; gives the URL of its database `postgres`.

    The server refuses to run as root: root starts it as the user `postgres`, whom Debian's package makes.
    """
    programs = server_folder()
    assert programs is not None, "no PostgreSQL server is installed"
    user = "postgres" if os.geteuid() == 0 else getpass.getuser()
    as_user = ["runuser", "-u", user, "--"] if os.geteuid() == 0 else []
    with tempfile.TemporaryDirectory(prefix="recommender-postgresql-") as name:
        folder, password = Path(name), secrets.token_urlsafe(12)
        (folder / "password").write_text(password)
        if as_user:
            for path in (folder, folder / "password"):
                shutil.chown(path, user)

        def run(program: str, *words: str) -> None:
            command = [*as_user, str(programs / program), "--pgdata", str(folder / "cluster"), *words]
            # Not a pipe: the server would keep it open. Not this folder: the other user may not enter it.
            with (folder / "output").open("a") as output:
                done = subprocess.run(command, cwd="/", stdout=output, stderr=output, check=False)
            assert done.returncode == 0, (folder / "output").read_text()

        run("initdb", "--username=postgres", f"--pwfile={folder / 'password'}", "--auth=scram-sha-256", "--no-sync", *LOCALE)
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories='' {QUICK}"
        run("pg_ctl", "start", "--wait", "--timeout", START_SECONDS, "--options", options)
        try:
            yield f"postgres://postgres:{password}@127.0.0.1:{port}/postgres"
        finally:
            run("pg_ctl", "stop", "--mode", "immediate")


if __name__ == "__main__":
    if server_folder() is None:
        sys.exit(print("PostgreSQL is not installed: its tests are skipped (Debian: apt-get install postgresql)."))
    with postgresql() as url:
        code = subprocess.run(sys.argv[1:], env={**os.environ, "TEST_DATABASE_URL": url}, check=False).returncode
    sys.exit(code)
