"""Making the tables that a command needs, so that each command works in a fresh checkout."""

from django.core.management import call_command
from django.db import close_old_connections, connection
from django.db.migrations.executor import MigrationExecutor


def ensure_tables() -> None:
    """Apply the migrations that are missing; cheap when there are none.

    Raises django.db.DatabaseError when the database does not answer.
    """
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)


def renew_connection() -> None:
    """Let go of a connection that died or grew old while a command computed; the next query opens another.

    Nothing happens inside a transaction, which would be lost.
    """
    if not connection.in_atomic_block:
        close_old_connections()
