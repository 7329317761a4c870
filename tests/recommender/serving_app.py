"""What the server's tests serve: a line at once, or at /wait when somebody writes into the pipe that WAIT_FOR names."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import django

django.setup()


def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    if environ["PATH_INFO"] == "/wait":
        Path(os.environ["WAIT_FOR"]).read_bytes()
    body = environ["wsgi.input"].read()
    length = environ.get("CONTENT_LENGTH", "none")
    asked = f"{environ['REQUEST_METHOD']} {environ['SCRIPT_NAME']}|{environ['PATH_INFO']}"
    line = f"{asked} {length} {len(body)} {environ['REMOTE_ADDR']}"
    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", str(len(line)))])
    return [line.encode()]
