"""Scrapes and imports that SIGKILL ends at random moments (seeded): the next run ends the work, nothing is left half done."""

import json
import os
import random
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.scraping.local_shop import Answer, LocalShop, picture, sell

ROOT = Path(__file__).resolve().parents[2]
ITEMS = 12
# A whole run changes some 40 files.
LATEST = 30


def run(number: int, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "recommender.settings",
        "DATABASE_URL": os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{folder / 'catalogue.sqlite3'}",
        "IMAGES_DIR": str(folder / "images"),
        "LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "tests.scraping.killed_run", str(number), *words]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300)


def feed(shop: LocalShop) -> str:
    """The address of an export of the shop, JSON lines."""
    rows = [
        {
            "id": f"f{n}",
            "title": f"Shirt {n}",
            "price": "9.50 EUR",
            "image_link": f"{shop.url}/{n}.jpg",
            "link": f"{shop.url}/{n}",
        }
        for n in range(1, ITEMS + 1)
    ]
    shop.routes["/feed.jsonl"] = Answer("".join(json.dumps(row) + "\n" for row in rows).encode(), kind="application/jsonl")
    return f"{shop.url}/feed.jsonl"


@pytest.mark.parametrize(("command", "prefix", "kills"), [("scrape", "", 2), ("import_products", "f", 1)])
def test_the_next_run_ends_the_work(shop: LocalShop, tmp_path: Path, command: str, prefix: str, kills: int) -> None:
    sell(shop, list(range(1, ITEMS // 2 + 1)), list(range(ITEMS // 2 + 1, ITEMS + 1)))
    source = f"{shop.url}/all" if command == "scrape" else feed(shop)
    words = (command, source, "--delay=0", *(["--allow-private-host"] if command == "scrape" else []))
    chosen = random.Random(command).sample(range(5, LATEST), kills)
    for number in chosen:
        assert run(number, tmp_path, *words).returncode == -signal.SIGKILL, f"not killed at {number}"
    done = run(0, tmp_path, *words)
    assert done.returncode == 0, done.stderr
    on_sale = dict(line.split("\t") for line in done.stdout.splitlines() if "\t" in line)
    assert {name: on_sale.get(name) for name in (f"{prefix}{n}" for n in range(1, ITEMS + 1))} == {
        f"{prefix}{n}": f"Shirt {n}" for n in range(1, ITEMS + 1)
    }
    for n in range(1, ITEMS + 1):
        assert (tmp_path / "images" / f"{prefix}{n}.jpg").read_bytes() == picture(n)
    assert list((tmp_path / "images").glob(".*.part")) == []
