"""Making the tables that a command needs, so that each command works in a fresh checkout."""

from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor


def ensure_tables() -> None:
    """Apply the migrations that are missing; cheap when there are none.

    Raises django.db.DatabaseError when the database does not answer.
    """
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        call_command("migrate", verbosity=0, interactive=False)
