"""A server of its own for a test: gunicorn as `run_site` starts it."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from recommender.launch import gunicorn_command

ROOT = Path(__file__).resolve().parents[2]


@contextmanager
def serving(environment: dict[str, str], application: str, *options: str) -> Iterator[tuple[int, "subprocess.Popen[bytes]"]]:
    """One process that serves `application` until the block ends: its port, and gunicorn. options: more of gunicorn's."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [*gunicorn_command("127.0.0.1", port, 1, application=application), *options]
    server = subprocess.Popen(command, cwd=ROOT, env=os.environ | environment)
    try:
        deadline = time.monotonic() + 120
        while not _accepts(port):
            assert server.poll() is None, "the server stopped while starting"
            assert time.monotonic() < deadline
        yield port, server
    finally:
        server.terminate()
        server.wait(30)


def send(port: int, data: bytes) -> socket.socket:
    """A connection on which `data` was sent."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=60)
    connection.sendall(data)
    return connection


def answer(connection: socket.socket) -> bytes:
    """All that comes until the server closes."""
    parts = []
    while part := connection.recv(65_536):
        parts.append(part)
    return b"".join(parts)


def _accepts(port: int) -> bool:
    try:
        with send(port, b"GET /healthz HTTP/1.0\r\n\r\n") as connection:
            return answer(connection).startswith(b"HTTP/1.")
    except OSError:
        return False
