"""What the server's tests serve: a line; at /wait when somebody opens the pipe that WAIT_FOR names; at /large 6 MB."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import django

django.setup()

LARGE = 6_000_000  # more than a loopback connection holds


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/wait":
        Path(os.environ["WAIT_FOR"]).read_bytes()
    if environ["PATH_INFO"] == "/large":
        start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(LARGE))])
        return [bytes(LARGE)]
    body = environ["wsgi.input"].read()
    length = environ.get("CONTENT_LENGTH", "none")
    asked = f"{environ['REQUEST_METHOD']} {environ['SCRIPT_NAME']}|{environ['PATH_INFO']}"
    line = f"{asked} {length} {len(body)} {environ['REMOTE_ADDR']}"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(line)))])
    return [line.encode()]
