"""Requests a second: gunicorn with one worker, wrk with four connections, over loopback."""

import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

LOAD_SECONDS: Final = 5
FIRST_SECONDS: Final = 3
SCRIPT: Final = Path(__file__).with_name("items.lua")
FIRST: Final = "first visits"
AGAIN: Final = "later visits"


def rates(
    wrk: str, items: Sequence[str], others: Mapping[str, str], environment: dict[str, str], turns: int, scratch: Path
) -> dict[str, list[float]]:
    """Of each turn: `items` visited once each on a fresh server, then over and over; then each of the other pages.

    items: all items' pages, in an order that no cache could guess. others: one address by name. Nobody asks for gzip or sends
    a cookie: every request is a new visitor's, who gets a CSRF cookie of their own on the site's pages.
    """
    pages = scratch / "pages.txt"
    pages.write_text("\n".join(items) + "\n")
    found: dict[str, list[float]] = {name: [] for name in (FIRST, AGAIN, *others)}
    for _ in range(turns):
        with _server(environment, items[-1]) as base:
            script = ["-s", str(SCRIPT), f"{base}/", "--", str(pages)]
            found[FIRST].append(_rate([wrk, "-t1", "-c4", f"-d{FIRST_SECONDS}s", *script, "once"]))
            found[AGAIN].append(_rate([wrk, "-t1", "-c4", f"-d{LOAD_SECONDS}s", *script]))
            for name, page in others.items():
                found[name].append(_rate([wrk, "-t1", "-c4", f"-d{LOAD_SECONDS}s", f"{base}{page}"]))
    return found


def _rate(load: list[str]) -> float:
    text = subprocess.run(load, capture_output=True, text=True, check=True, timeout=60).stdout
    found = re.search(r"Requests/sec:\s+([\d.]+)", text)
    if found is None or "Non-2xx" in text or "Socket errors" in text:
        raise RuntimeError(f"wrk said: {text}")
    return float(found[1])


@contextmanager
def _server(environment: dict[str, str], page: str) -> Iterator[str]:
    """The site on a free port, from its first answer to `page` on."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "recommender.wsgi:application", "--bind", f"127.0.0.1:{port}"]
    server = subprocess.Popen([*command, "--workers", "1", "--log-level", "error"], env=environment)
    try:
        base = f"http://127.0.0.1:{port}"
        _wait(f"{base}{page}", server)
        yield base
    finally:
        server.terminate()
        server.wait(20)


def _wait(url: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"The site did not answer at {url}.")
