"""A database server that restarts: PostgreSQL alone has one."""

import psycopg
from django.db import connection


def end_connection() -> None:
    """What a restart does to an open connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    parameters = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    with psycopg.connect(**{name: parameters[name] for name in names}) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
