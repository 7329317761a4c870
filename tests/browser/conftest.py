"""A real site in processes of its own, and real Chromium looking at it.

The site is a subprocess: Playwright's synchronous API runs an event loop in this one, where Django refuses its ORM.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from recommender.launch import gunicorn_command

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
START_SECONDS = 60
WIDE, NARROW = (1280, 860), (390, 844)
# A bound, not a wait: on a busy machine a page may take its time.
expect.set_options(timeout=20_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything in this folder drives Chromium."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


@contextmanager
def running(environment: dict[str, str], application: str = "recommender.wsgi:application") -> Iterator[str]:
    """Serve the site with gunicorn on a free port until the block ends; gives its base URL."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = subprocess.Popen(gunicorn_command("127.0.0.1", port, 1, application=application), cwd=ROOT, env=environment)
    base = f"http://127.0.0.1:{port}"
    try:
        deadline = time.monotonic() + START_SECONDS
        while not answers(f"{base}/healthz"):
            assert server.poll() is None, "the site stopped while starting"
            assert time.monotonic() < deadline, "the site did not start in time"
            time.sleep(0.1)
        yield base
    finally:
        server.terminate()
        server.wait(60)  # a bound, not a wait


def answers(url: str) -> bool:
    """Whether there is a 200 at `url` now."""
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def site_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The environment of a seeded site: every demo shirt, an index of all but the last."""
    folder = tmp_path_factory.mktemp("site")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "recommender.settings",
        "DJANGO_SECRET_KEY": "browser-tests-only",
        "DJANGO_DEBUG": "false",
        "DJANGO_HTTPS": "false",
        "DJANGO_ALLOWED_HOSTS": "127.0.0.1",
        "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
        "IMAGES_DIR": str(folder / "images"),
        "INDEX_PATH": str(folder / "index.pkl"),
        "CACHE_DIR": str(folder / "cache"),
        "STATIC_ROOT": str(folder / "static"),
        "CORS_ALLOWED_ORIGINS": "*",
        "LOG_LEVEL": "WARNING",
    }
    subprocess.run([sys.executable, "-m", "tests.browser.seed"], cwd=ROOT, env=environment, check=True, timeout=300)
    return environment


@pytest.fixture(scope="session")
def site(site_environment: dict[str, str]) -> Iterator[str]:
    """The seeded site's base URL."""
    with running(site_environment) as base:
        yield base


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium; without it tests skip, except in CI, where they fail."""
    if not Path(CHROMIUM).is_file() and not os.environ.get("CI"):
        pytest.skip("no Chromium: apt-get install chromium")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield chromium
        chromium.close()


@dataclass
class Window:
    """A page and what went wrong in it."""

    page: Page
    errors: list[str] = field(default_factory=list)


OpenWindow = Callable[..., Window]


@pytest.fixture
def open_window(browser: Browser) -> Iterator[OpenWindow]:
    """Opens pages of a size and scheme; at the end of the test none of them may have logged an error.

    `expected`: texts of errors that the test causes on purpose (Chromium logs every 404 as one).
    """
    opened: list[tuple[Window, tuple[str, ...]]] = []

    def open_one(
        size: tuple[int, int] = WIDE, scheme: str = "light", expected: tuple[str, ...] = (), **options: object
    ) -> Window:
        viewport = {"width": size[0], "height": size[1]}
        context = browser.new_context(viewport=viewport, color_scheme=scheme, **options)  # type: ignore[arg-type]
        context.set_default_timeout(30_000)
        window = Window(context.new_page())
        window.page.on("console", lambda message: window.errors.append(message.text) if message.type == "error" else None)
        window.page.on("pageerror", lambda error: window.errors.append(str(error)))
        opened.append((window, expected))
        return window

    yield open_one
    for window, expected in opened:
        window.page.context.close()
        assert [text for text in window.errors if not any(part in text for part in expected)] == []
