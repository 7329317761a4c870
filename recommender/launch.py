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
from django.core.management import CommandError
from django.db import connection

from recommender.database import ensure_tables
from recommender.static_files import collect_static_files

DEMO_SHOP_PORT = 8001
DEMO_SHOP_CHECK_SECONDS = 2.0
STOP_SECONDS = 10
# A request has a thread only while it is answered (recommender/serving); photos wait in theirs for the network.
THREADS = 8
WORKER_CLASS = "recommender.serving.worker.BufferedWorker"


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


def prepare(log: Callable[[str], None], *, demo: bool = True) -> None:
    """Migrate; fill an empty catalogue from the demo shop; build the index if there is none; gather static files.

    demo: False leaves an empty catalogue empty, and builds no index. Raises CommandError when a step fails.
    """
    from catalog.models import Item

    settings.DATA_DIR.mkdir(parents=True, exist_ok=True)
    ensure_tables()
    has_previews = settings.IMAGES_DIR.is_dir() and any(settings.IMAGES_DIR.iterdir())
    if demo and not Item.objects.exists() and not has_previews:
        log("The catalogue is empty: filling it from the demo shop. Your own shop: .venv/bin/python manage.py scrape URL")
        run_command("scrape", "demo")
    if settings.INDEX_PATH.exists():
        try:
            run_command("sync_catalogue")
        except CommandError as error:  # a damaged index: the site explains it on every page
            log(str(error))
    elif demo:
        log("There is no index yet: building one.")
        run_command("build_index")
    else:
        log("There is no index yet: run scrape or import_products, then build_index. The site finds it by itself.")
    collect_static_files()
    connection.close()


def run_command(*words: str) -> None:
    """Run one of our commands in a process of its own: what it loads (TensorFlow, OpenCV) goes when it ends.

    Raises CommandError when it fails; the command itself has told why.
    """
    command = [sys.executable, "manage.py", *words]
    if code := subprocess.run(command, cwd=settings.BASE_DIR, check=False).returncode:  # nosec B603  # noqa: S603  (our own words)
        raise CommandError(f"`manage.py {' '.join(words)}` failed: the reason is above.", returncode=code)


def sells_demo_items() -> bool:
    """Whether the catalogue's links lead to the demo shop, which must then be open for them to work."""
    from catalog.models import Item

    sells = Item.objects.filter(url__startswith=f"http://127.0.0.1:{DEMO_SHOP_PORT}/").exists()
    connection.close()
    return sells


def become_server(host: str, port: int, workers: int, max_requests: int) -> None:
    """Turn this process into gunicorn, for who keeps processes running (systemd, a container): no demo shop, no parent."""
    os.chdir(settings.BASE_DIR)
    os.execv(sys.executable, gunicorn_command(host, port, workers, max_requests=max_requests))  # nosec B606  # noqa: S606  (our own words)


def serve(host: str, port: int, workers: int, max_requests: int, log: Callable[[str], None]) -> int:
    """Run gunicorn, and the demo shop where items link to it, until one signal stops both; return gunicorn's exit code."""
    with _stopping_on_signals():
        # A session of its own: Ctrl+C reaches this process alone, which then stops gunicorn once. Two signals at once can lock
        # its workers.
        command = gunicorn_command(host, port, workers, max_requests=max_requests)
        site = subprocess.Popen(command, cwd=settings.BASE_DIR, start_new_session=True)  # nosec B603  # noqa: S603  (our own words)
        demo_shop: subprocess.Popen[bytes] | None = None
        try:
            log(f"Open http://{host}:{port}/ in a browser; Ctrl+C stops the site.")
            while True:
                # Two sites on one machine share the demo shop's port. When the one that opened it stops, the other opens it.
                if (demo_shop is None or demo_shop.poll() is not None) and sells_demo_items() and _is_demo_port_free():
                    demo_shop = _open_demo_shop()
                try:
                    return site.wait(DEMO_SHOP_CHECK_SECONDS)
                except subprocess.TimeoutExpired:
                    continue
        except KeyboardInterrupt:
            return 0
        finally:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)  # a second Ctrl+C must not leave children behind
            _stop([process for process in (site, demo_shop) if process is not None])


def gunicorn_command(
    host: str, port: int, workers: int, *, max_requests: int = 0, application: str = "recommender.wsgi:application"
) -> list[str]:
    """What serves the site. max_requests: a process gives way to a new one after so many to half as many more; 0: never."""
    command = [sys.executable, "-m", "gunicorn", application, "--bind", f"{host}:{port}"]
    command += ["--worker-class", WORKER_CLASS, "--workers", str(workers), "--threads", str(THREADS)]
    # Its control socket has one name for all sites of a user; nothing here uses it.
    command += ["--worker-tmp-dir", _memory_folder(), "--no-control-socket"]
    if max_requests:  # far apart: while one starts, the others answer
        command += ["--max-requests", str(max_requests), "--max-requests-jitter", str(max_requests // 2)]
    return [*command, "--log-level", "warning"]


def _open_demo_shop() -> subprocess.Popen[bytes]:
    command = [sys.executable, "manage.py", "demo_shop", "--port", str(DEMO_SHOP_PORT)]
    # Quiet: when two sites open it at once, one of them finds the port taken and tries again later.
    quiet = subprocess.DEVNULL
    return subprocess.Popen(command, cwd=settings.BASE_DIR, stdout=quiet, stderr=quiet, start_new_session=True)  # nosec B603  # noqa: S603


def _is_demo_port_free() -> bool:
    return _is_free("127.0.0.1", DEMO_SHOP_PORT)


def _is_free(host: str, port: int) -> bool:
    try:
        require_free_port(host, port)
    except CommandError:
        return False
    return True


def _memory_folder() -> str:
    # gunicorn's heartbeat files on a disk can block a worker: https://docs.gunicorn.org/en/stable/faq.html
    return "/dev/shm" if os.access("/dev/shm", os.W_OK) else str(settings.DATA_DIR)  # nosec B108  # noqa: S108


@contextmanager
def _stopping_on_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the `with` as Ctrl+C does, so that no child outlives us."""

    def interrupt(_number: int, _frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, interrupt) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
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
