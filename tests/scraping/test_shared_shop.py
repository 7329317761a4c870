"""Against a shop of real photos in a process of its own, with the command in a process of its own, killed and run again."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ITEMS = 70


@dataclass
class Shop:
    url: str
    log: Path

    def pictures(self) -> list[str]:
        """ItemIDs whose picture was answered with 200, as often as it was."""
        lines = [json.loads(line) for line in self.log.read_text().splitlines() if line.endswith("}")]
        return [line["path"][5:-4] for line in lines if line["path"].startswith("/cdn/") and line["status"] == 200]


@contextmanager
def serving(shared: Path, folder: Path, *flags: str) -> Iterator[Shop]:
    with (folder / "shop.log").open("w") as log, (folder / "shop.err").open("w") as err:
        command = [sys.executable, str(shared / "shop" / "serve.py"), "--port", "0", *flags]
        process = subprocess.Popen(command, stdout=log, stderr=err)
    try:
        until = time.monotonic() + 60
        found = None
        while found is None and time.monotonic() < until and process.poll() is None:
            found = re.search(r"http://\S+", (folder / "shop.err").read_text())
            time.sleep(0.02)
        assert found, (folder / "shop.err").read_text()
        yield Shop(found.group(), folder / "shop.log")
    finally:
        process.terminate()
        process.wait(10)


@pytest.fixture(scope="module")
def empty_catalogue(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("catalogue") / "catalog.sqlite3"
    environment = {**os.environ, "DATABASE_URL": f"sqlite:///{path}", "DJANGO_SECRET_KEY": "tests-only"}
    environment["DJANGO_SETTINGS_MODULE"] = "recommender.settings"
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "-v0", "--skip-checks"], cwd=ROOT, env=environment, check=True, timeout=60
    )
    return path


@pytest.fixture
def command(tmp_path: Path, empty_catalogue: Path) -> Callable[..., subprocess.Popen[str]]:
    """Starts `manage.py scrape` with a catalogue and an images folder of its own."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "recommender.settings",
        "DJANGO_SECRET_KEY": "tests-only",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'catalog.sqlite3'}",
        "IMAGES_DIR": str(tmp_path / "images"),
    }
    manage = [sys.executable, "manage.py"]
    shutil.copy(empty_catalogue, tmp_path / "catalog.sqlite3")

    def start(url: str, delay: str = "0") -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*manage, "scrape", url, "--delay", delay, "-v0"],
            cwd=ROOT,
            env=environment,
            text=True,
            stdout=-1,
            stderr=subprocess.STDOUT,
        )

    return start


def stored(folder: Path) -> dict[str, bytes]:
    return {path.stem: path.read_bytes() for path in (folder / "images").glob("*.jpg")}


def test_killed_in_the_middle_it_completes_and_then_asks_for_nothing(
    shared: Path, tmp_path: Path, command: Callable[..., subprocess.Popen[str]]
) -> None:
    with serving(shared, tmp_path, "--limit", str(ITEMS)) as shop:
        first = command(f"{shop.url}category/all", "0.1")  # slow enough to be killed in the middle
        until = time.monotonic() + 60
        while len(stored(tmp_path)) < 20 and time.monotonic() < until:
            time.sleep(0.02)
        first.send_signal(signal.SIGKILL)
        first.communicate(timeout=60)
        assert 20 <= len(stored(tmp_path)) < ITEMS

        out, _ = command(f"{shop.url}category/all").communicate(timeout=60)
        assert f"{ITEMS} items met" in out
        assert stored(tmp_path) == {name: (shared / "photos" / f"{name}.jpg").read_bytes() for name in stored(tmp_path)}
        assert len(stored(tmp_path)) == ITEMS
        asked = shop.pictures()
        # What was on its way when the kill came may be asked for again, nothing else: four workers, four pictures.
        assert set(asked) == set(stored(tmp_path))
        assert len(asked) <= ITEMS + 4

        out, _ = command(f"{shop.url}category/all").communicate(timeout=60)
        assert f"0 downloaded (0.0 MB), {ITEMS} already here" in out
        assert shop.pictures() == asked


def test_with_faults_every_healthy_item_arrives_and_every_sick_one_is_told(
    shared: Path, tmp_path: Path, command: Callable[..., subprocess.Popen[str]]
) -> None:
    ids = [line.split(",")[0] for line in (shared / "photos" / "labels.csv").read_text().splitlines()[1:]]
    # The shop sells the first N photos; these have all four kinds of sickness among them.
    photos = tmp_path / "photos"
    photos.mkdir()
    sick = {name for name in ids if int(name) % 101 in {1, 2, 3, 4}}
    chosen = sorted({next(name for name in ids if int(name) % 101 == kind) for kind in (1, 2, 3, 4)} | set(ids[:50]))
    (photos / "labels.csv").write_text("id,label\n" + "".join(f"{name},shirt\n" for name in chosen))
    for name in chosen:
        (photos / f"{name}.jpg").symlink_to(shared / "photos" / f"{name}.jpg")
    with serving(shared, tmp_path, "--faults", "--photos", str(photos)) as shop:
        process = command(f"{shop.url}category/all")
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    assert set(stored(tmp_path)) == set(chosen) - sick
    told = dict(re.findall(r"^  (\d+): ([^,\n]+)", out, re.MULTILINE))
    reasons = {1: "truncated", 2: "not a picture", 3: "redirects in a circle", 4: "HTTP 404 Not Found"}
    assert told == {name: reasons[int(name) % 101] for name in chosen if name in sick}
    assert "1 shown again" in out


@pytest.mark.parametrize(
    ("flavour", "path"),
    [
        ("html", "category/all"),
        ("jsonld", "category/all"),
        ("shopify", "collections/all"),
        ("shopify", "collections/all/products.json"),
        ("woocommerce", "wp-json/wc/store/v1/products"),
    ],
)
def test_every_flavour_with_faults(
    shared: Path, tmp_path: Path, command: Callable[..., subprocess.Popen[str]], flavour: str, path: str
) -> None:
    ids = [line.split(",")[0] for line in (shared / "photos" / "labels.csv").read_text().splitlines()[1:]]
    healthy = [name for name in ids[:40] if int(name) % 101 not in {1, 2, 3, 4}]
    with serving(shared, tmp_path, "--limit", "40", "--faults", "--flavour", flavour) as shop:
        out, _ = command(f"{shop.url}{path}").communicate(timeout=300)
    assert "40 items met" in out
    assert set(healthy) <= set(stored(tmp_path))
    assert stored(tmp_path) == {name: (shared / "photos" / f"{name}.jpg").read_bytes() for name in healthy}
