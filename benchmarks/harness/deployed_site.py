"""The demo's shop served as an operator would: `run_site --no-demo`, with Debian's nginx in front if asked."""

import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

import psutil

from tests.deploy.nginx import free_port, nginx

ROOT: Final = Path(__file__).resolve().parents[2]
FILL_SECONDS: Final = 900
START_SECONDS: Final = 120
MIB: Final = 2**20


@dataclass(frozen=True)
class DeployedSite:
    """Its address, nginx's in front of it or "", the process of gunicorn, and the folder of all that it writes."""

    url: str
    front: str
    process: psutil.Process
    folder: Path


@dataclass(frozen=True)
class Usage:
    """What the site holds: MiB of all its processes (shared pages counted once) and of the largest worker alone; open files;
    connections of clients."""

    processes: int
    memory: float
    largest: float
    files: int
    connections: int


def environment(folder: Path) -> dict[str, str]:
    """Every photo is let through: what is measured is work, not refusals. TEST_DATABASE_URL: see tests/postgresql.py."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in {"IMAGES_DIR", "INDEX_PATH", "CACHE_DIR", "STATIC_ROOT"}
    }
    return kept | {
        "DJANGO_SECRET_KEY": "benchmark",
        "DJANGO_DEBUG": "false",
        "DJANGO_HTTPS": "false",
        "DJANGO_ALLOWED_HOSTS": "127.0.0.1",
        "DATA_DIR": str(folder),
        "DATABASE_URL": os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{folder / 'catalog.sqlite3'}",
        "TRUSTED_PROXY": "127.0.0.1",
        "SEARCH_RATE_PER_ADDRESS": "0",
        "SEARCH_RATE": "0",
        "LOG_LEVEL": "ERROR",
    }


@contextmanager
def deployed_site(folder: Path, workers: int, max_requests: int, *, with_nginx: bool) -> Iterator[DeployedSite]:
    """Fill `folder` with the demo's catalogue and its index, then serve it until the block ends."""
    settings = environment(folder)
    manage = [sys.executable, "manage.py", "run_site"]
    subprocess.run(
        [*manage, f"--port={free_port()}", "--prepare-only"], cwd=ROOT, env=settings, check=True, timeout=FILL_SECONDS
    )
    port = free_port()
    words = ["--no-demo", f"--port={port}", f"--workers={workers}", f"--max-requests={max_requests}"]
    with ExitStack() as stack:
        site = subprocess.Popen([*manage, *words], cwd=ROOT, env=settings)
        stack.callback(_stop, site)
        url = f"http://127.0.0.1:{port}"
        _wait(f"{url}/readyz", site)
        front = ""
        if with_nginx:
            place = Path(stack.enter_context(TemporaryDirectory())) / "nginx"
            front = f"http://127.0.0.1:{stack.enter_context(nginx(place, port, folder / 'static'))}"
        yield DeployedSite(url, front, psutil.Process(site.pid), folder)


def usage(site: DeployedSite) -> Usage:
    """As it is now. A worker that ends meanwhile is left out."""
    memory, files, connections = [], 0, 0
    port = int(site.url.rpartition(":")[2])
    for process in [site.process, *site.process.children(recursive=True)]:
        try:
            memory.append(process.memory_full_info().pss / MIB)
            files += process.num_fds()
            open_ones = process.net_connections(kind="tcp")
            connections += sum(1 for one in open_ones if one.status == "ESTABLISHED" and one.laddr.port == port)
        except psutil.NoSuchProcess:
            continue
    return Usage(len(memory), sum(memory), max(memory[1:], default=0.0), files, connections)


def _wait(url: str, site: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + START_SECONDS
    while site.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise RuntimeError(f"The site did not become ready at {url}.")


def _stop(process: "subprocess.Popen[bytes]") -> None:
    process.terminate()
    process.wait(60)
