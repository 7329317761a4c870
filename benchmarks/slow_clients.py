"""The item's page while clients are slow: 200 half-sent heads, 16 trickling uploads, 16 GETs whose bodies never come.

The real `run_site` with two processes over loopback, no proxy in front. `--base http://127.0.0.1:8080` measures a site that
runs already, behind nginx for instance; its `--page` must be there.
"""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import quantiles
from typing import Final
from urllib.parse import urlsplit

from benchmarks.site import _environment

ITEMS: Final = 3_000
PAGE: Final = "/items/000001/"
VISITORS: Final = 4
SECONDS: Final = 20.0
ALLOWED_MS: Final = 300.0
TRICKLE_SECONDS: Final = 0.5
_HEAD: Final = b"Host: 127.0.0.1\r\n"
SLOW: Final = {
    "half-sent heads": (200, b"GET /items/ HTTP/1.1\r\n" + _HEAD + b"X-Trickle: ", b"a"),
    "trickling uploads": (
        16,
        b"POST /search/photo/ HTTP/1.1\r\n" + _HEAD + b"Content-Type: multipart/form-data; boundary=x\r\n"
        b"Content-Length: 5000000\r\n\r\n--x\r\n",
        b"a",
    ),
    "GETs without their bodies": (16, b"GET /items/ HTTP/1.1\r\n" + _HEAD + b"Content-Length: 5000000\r\n\r\n", b""),
}


class SlowClients:
    """Keeps its number of slow connections open, opening each again that the server has closed."""

    def __init__(self, address: tuple[str, int]) -> None:
        self._address = address
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._keep, args=kind, daemon=True) for kind in SLOW.values()]

    def __enter__(self) -> "SlowClients":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _keep(self, number: int, begun: bytes, piece: bytes) -> None:
        with ExitStack() as stack:
            connections: list[socket.socket | None] = [None] * number
            while not self._stop.wait(TRICKLE_SECONDS):
                for place, connection in enumerate(connections):
                    try:
                        if connection is None:
                            connection = stack.enter_context(socket.create_connection(self._address, timeout=5))
                            connection.sendall(begun)
                            connections[place] = connection
                        elif piece:
                            connection.sendall(piece)
                    except OSError:
                        connections[place] = None


def measure(address: tuple[str, int], page: str, seconds: float) -> tuple[list[float], int]:
    """Milliseconds of each answer to `VISITORS` visitors, who ask one after another; how many requests failed."""
    until = time.monotonic() + seconds
    times: list[float] = []
    failed = 0

    def visit() -> None:
        nonlocal failed
        while time.monotonic() < until:
            began = time.monotonic()
            try:
                connection = http.client.HTTPConnection(*address, timeout=30)
                connection.request("GET", page)
                answer = connection.getresponse()
                answer.read()
                connection.close()
                failed += answer.status != 200
            except OSError:
                failed += 1
            times.append(1000 * (time.monotonic() - began))
            time.sleep(0.05)

    visitors = [threading.Thread(target=visit) for _ in range(VISITORS)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    return times, failed


@contextmanager
def _site() -> Iterator[tuple[str, int]]:
    with tempfile.TemporaryDirectory() as scratch:
        environment = _environment(Path(scratch)) | {"LOG_LEVEL": "ERROR"}
        fill = [sys.executable, "-m", "benchmarks.site", "--child", str(ITEMS), str(Path(scratch) / "answer.json")]
        subprocess.run(fill, env=environment, check=True, timeout=600)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        site = subprocess.Popen([sys.executable, "manage.py", "run_site", "--port", str(port)], env=environment)
        try:
            address = ("127.0.0.1", port)
            until = time.monotonic() + 120
            while measure(address, PAGE, 0.2)[1]:
                if site.poll() is not None or time.monotonic() > until:
                    raise RuntimeError("The site did not start.")
            yield address
        finally:
            site.terminate()
            site.wait(30)


def _report(name: str, times: list[float], failed: int) -> float:
    cuts = quantiles(times, n=100)
    print(f"{name:<42}p50 {cuts[49]:7.1f}  p95 {cuts[94]:7.1f}  p99 {cuts[98]:7.1f} ms; {len(times)} pages, {failed} failed")
    return cuts[94]


def main() -> int:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--base", metavar="URL", help="a site that runs already")
    parser.add_argument("--page", default=PAGE, help="the page to measure (default: %(default)s)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each measurement (default: %(default)s)")
    options = parser.parse_args()
    with ExitStack() as stack:
        if options.base:
            parts = urlsplit(options.base)
            address = (parts.hostname or "127.0.0.1", parts.port or 80)
        else:
            address = stack.enter_context(_site())
        measure(address, options.page, 3)
        _report("nobody is slow", *measure(address, options.page, options.seconds))
        with SlowClients(address):
            p95 = _report("slow clients", *measure(address, options.page, options.seconds))
        _report("nobody is slow, after", *measure(address, options.page, options.seconds))
    print(f"p95 beside {', '.join(f'{number} {name}' for name, (number, *_rest) in SLOW.items())}: {p95:.0f} ms, "
          f"wanted below {ALLOWED_MS:.0f}: {'yes' if p95 < ALLOWED_MS else 'NO'}; load {os.getloadavg()[0]:.1f}")  # fmt: skip
    return int(p95 >= ALLOWED_MS)


if __name__ == "__main__":
    sys.exit(main())
