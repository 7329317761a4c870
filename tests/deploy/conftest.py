"""The real site behind Debian's nginx: started once for all tests of this folder."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from recommender.launch import gunicorn_command
from tests.deploy.nginx import NGINX, ROOT, free_port, listens, nginx

START_SECONDS = 120


@dataclass(frozen=True)
class Deployed:
    """nginx's address and the site's own, the folder of static files, an item that has a preview, and gunicorn's process."""

    url: str
    site: str
    static: Path
    item_id: str
    pid: int


@pytest.fixture(scope="session")
def require_nginx() -> None:
    if NGINX is None:
        pytest.skip("no nginx: apt-get install nginx-light")


@pytest.fixture(scope="session")
def deployed(require_nginx: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployed]:
    folder = tmp_path_factory.mktemp("deployed")
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "recommender.settings",
        "DJANGO_SECRET_KEY": "deploy-tests-only",
        "DJANGO_DEBUG": "false",
        "DJANGO_HTTPS": "false",
        "DJANGO_ALLOWED_HOSTS": "127.0.0.1",
        "TRUSTED_PROXY": "127.0.0.1",
        "DATA_DIR": str(folder / "data"),
        "LOG_LEVEL": "WARNING",
    }
    for name in ("DATABASE_URL", "IMAGES_DIR", "INDEX_PATH", "CACHE_DIR"):
        environment.pop(name, None)  # of tests/settings.py
    (folder / "data").mkdir()
    subprocess.run([sys.executable, "-m", "tests.deploy.seed"], cwd=ROOT, env=environment, check=True, timeout=300)
    port = free_port()
    site = subprocess.Popen(gunicorn_command("127.0.0.1", port, 1), cwd=ROOT, env=environment)
    try:
        deadline = time.monotonic() + START_SECONDS
        while not listens(port):
            assert site.poll() is None, "the site stopped while starting"
            assert time.monotonic() < deadline, "the site did not start in time"
            time.sleep(0.1)
        with nginx(folder / "nginx", port, folder / "data" / "static") as front:
            own = f"http://127.0.0.1:{port}"
            yield Deployed(f"http://127.0.0.1:{front}", own, folder / "data" / "static", "a", site.pid)
    finally:
        site.terminate()
        site.wait(60)
