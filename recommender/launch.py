"""What `make run` does: prepare what is missing, then serve until stopped.

This is the one place that knows all the rooms, and it talks to them through their commands only.
"""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

DEMO_SHOP_PORT = 8001
STOP_SECONDS = 10


def require_free_port(host: str, port: int) -> None:
    """Raise CommandError, naming the way out, when nothing can listen on `host:port`."""
    try:
        with socket.create_server((host, port)):
            pass
    except OSError as error:
        raise CommandError(
            f"Cannot listen on {host}:{port} ({error.strerror or error}): "
            f"stop what uses that port, or choose another: make run PORT={port + 1}"
        ) from error


def prepare(say: Callable[[str], None]) -> None:
    """Migrate; fill an empty catalogue from the demo shop; build the index if there is none; gather static files."""
    from catalog.models import Item

    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    call_command("migrate", verbosity=0, interactive=False)
    has_previews = any(settings.IMAGES_DIR.glob("*.jpg"))
    if not Item.objects.exists() and not has_previews:
        say("The catalogue is empty: filling it from the demo shop. Your own shop: manage.py scrape URL")
        call_command("scrape", "demo")
    if not settings.INDEX_PATH.exists():
        say("There is no index yet: building one.")
        call_command("build_index")
    call_command("collectstatic", verbosity=0, interactive=False)
    connection.close()


def sells_demo_items() -> bool:
    """Whether the catalogue's links lead to the demo shop, which must then be open for them to work."""
    from catalog.models import Item

    found = Item.objects.filter(url__startswith=f"http://127.0.0.1:{DEMO_SHOP_PORT}/").exists()
    connection.close()
    return found


def serve(host: str, port: int, workers: int, say: Callable[[str], None]) -> int:
    """Run gunicorn, and the demo shop where items link to it, until one signal stops both; return gunicorn's exit code."""
    gunicorn = [sys.executable, "-m", "gunicorn", "recommender.wsgi:application", "--bind", f"{host}:{port}"]
    gunicorn += ["--workers", str(workers), "--threads", "4", "--worker-tmp-dir", _memory_folder(), "--log-level", "warning"]
    demo_shop = [sys.executable, "manage.py", "demo_shop", "--port", str(DEMO_SHOP_PORT)]
    with _stopping_on_signals():
        processes = [subprocess.Popen(gunicorn, cwd=settings.BASE_DIR)]  # noqa: S603  (our own words)
        try:
            if sells_demo_items() and _is_free("127.0.0.1", DEMO_SHOP_PORT):
                processes.append(subprocess.Popen(demo_shop, cwd=settings.BASE_DIR, stdout=subprocess.DEVNULL))  # noqa: S603
            say(f"Open http://{host}:{port}/ in a browser; Ctrl+C stops the site.")
            return processes[0].wait()
        except KeyboardInterrupt:
            return 0
        finally:
            _stop(processes)


def _is_free(host: str, port: int) -> bool:
    try:
        require_free_port(host, port)
    except CommandError:
        return False
    return True


def _memory_folder() -> str:
    # gunicorn's heartbeat files on a disk can block a worker: https://docs.gunicorn.org/en/stable/faq.html
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(settings.DATA_DIR)  # noqa: S108


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the `with` as Ctrl+C does, so that no child outlives us."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _stop(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        process.terminate()
    for process in processes:
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
