"""The item's page at 3,000 and 11,556 items: server time, and requests a second beside bare Django pages of the same size."""

import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Final

from benchmarks.command import main
from benchmarks.measuring import Measured, Ratio, Result
from benchmarks.vectors import ARTICLE

SIZES: Final = (3_000, ARTICLE)
PAGES: Final = 150
LOAD_SECONDS: Final = 5
TURNS: Final = 3
BARE: Final = ("constant", "template")


def measure(quick: bool) -> Result:
    sizes = (300,) if quick else SIZES
    result = Result(
        "site", "The item's page", f"Django's test client, {PAGES} random items; then gunicorn, 1 worker, over loopback"
    )
    for n in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            environment = _environment(Path(scratch))
            _measure_size(result, n, Path(scratch), environment, 1 if quick else TURNS)
    return result


def _environment(scratch: Path) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "benchmarks.site_settings",
        "DJANGO_SECRET_KEY": "benchmark",
        "DJANGO_DEBUG": "false",
        "DJANGO_HTTPS": "false",
        "DJANGO_ALLOWED_HOSTS": "*",
        "DATABASE_URL": f"sqlite:///{scratch / 'catalog.sqlite3'}",
        "IMAGES_DIR": str(scratch / "images"),
        "INDEX_PATH": str(scratch / "items.pkl"),
        "CACHE_DIR": str(scratch / "cache"),
    }


def _measure_size(result: Result, n: int, scratch: Path, environment: dict[str, str], turns: int) -> None:
    answer = scratch / "answer.json"
    subprocess.run(
        [sys.executable, "-m", "benchmarks.site", "--child", str(n), str(answer)], env=environment, check=True, timeout=300
    )
    found: dict[str, Any] = json.loads(answer.read_text())
    item = Measured(tuple(found["item"]), "ms", f"{found['bytes']:,} bytes")
    result.measured[f"server time, {n:,} items"] = item
    result.ratios[f"server time, {n:,} items / 20 ms"] = Ratio(item.median / 20, 1.0, at_least=False)
    for name in BARE:
        result.measured[f"server time of a bare page ({name}), {n:,} items"] = Measured(tuple(found[name]), "ms")
    wrk = shutil.which("wrk")
    if wrk is None:
        result.notes.append("requests a second were not measured: install wrk (Debian's package wrk) to have them")
        return
    pages = {"item": found["path"]} | {name: f"/bare/{name}/{found['bytes']}/" for name in BARE}
    rates = _rates(wrk, pages, environment, turns)
    for name, runs in rates.items():
        label = "item page" if name == "item" else f"bare page ({name})"
        result.measured[f"{label}, {n:,} items"] = Measured(tuple(runs), "requests/s")
    for name, wanted in zip(BARE, (None, 0.6), strict=True):
        own, bare = (result.measured[f"{label}, {n:,} items"].median for label in ("item page", f"bare page ({name})"))
        result.ratios[f"item page / bare page ({name}), {n:,} items"] = Ratio(own / bare, wanted)


def _rates(wrk: str, pages: dict[str, str], environment: dict[str, str], turns: int) -> dict[str, list[float]]:
    """Requests a second of each page, in turns."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [
        sys.executable,
        "-m",
        "gunicorn",
        "recommender.wsgi:application",
        "--bind",
        f"127.0.0.1:{port}",
        "--workers",
        "1",
    ]
    server = subprocess.Popen([*command, "--log-level", "error"], env=environment)
    rates: dict[str, list[float]] = {name: [] for name in pages}
    try:
        base = f"http://127.0.0.1:{port}"
        _wait(f"{base}{pages['item']}", server)
        for _ in range(turns):
            for name, page in pages.items():
                load = [wrk, "-t1", "-c4", f"-d{LOAD_SECONDS}s", f"{base}{page}"]
                text = subprocess.run(load, capture_output=True, text=True, check=True, timeout=60).stdout
                found = re.search(r"Requests/sec:\s+([\d.]+)", text)
                if found is None or "Non-2xx" in text:
                    raise RuntimeError(f"wrk said of {page}: {text}")
                rates[name].append(float(found[1]))
    finally:
        server.terminate()
        server.wait(20)
    return rates


def _wait(url: str, server: "subprocess.Popen[bytes]") -> None:
    until = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=10):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"The site did not answer at {url}.")


def _child(n: int, answer: Path) -> None:
    """Fill a catalogue, then time pages with Django's test client."""
    import django

    django.setup()
    from django.test import Client

    ids = _fill(n)
    client = Client()
    import random

    chosen = random.Random(0).sample(ids, min(PAGES, n))
    page = f"/items/{chosen[0]}/"
    size = len(client.get(page).content)
    item = _times(client, [f"/items/{item_id}/" for item_id in chosen])
    bare = {name: _times(client, [f"/bare/{name}/{size}/"] * len(chosen)) for name in BARE}
    answer.write_text(json.dumps({"item": item, "bytes": size, "path": page, **bare}))


def _times(client: Any, pages: list[str]) -> list[float]:
    times = []
    client.get(pages[0])
    for page in pages:
        began = time.perf_counter()
        response = client.get(page)
        times.append(1000 * (time.perf_counter() - began))
        if response.status_code != 200:
            raise RuntimeError(f"{page} answered {response.status_code}.")
    return times


def _fill(n: int) -> list[str]:
    """n items on sale, an index of them, and a preview file for each."""
    from datetime import UTC, datetime

    from django.conf import settings
    from django.core.management import call_command

    from benchmarks.pictures import write_pictures
    from benchmarks.vectors import clustered
    from catalog.models import Item
    from indexing.index_file import FORMAT_VERSION, Index, save_index
    from indexing.neighbours import all_neighbours

    call_command("migrate", verbosity=0)
    ids = [f"{number:06}" for number in range(n)]
    seen = datetime.now(UTC)
    Item.objects.bulk_create(
        [
            Item(
                item_id=item_id,
                title=f"Shirt {item_id}",
                price="19.90",
                currency="EUR",
                url="https://shop.example/",
                last_seen=seen,
            )
            for item_id in ids
        ],
        batch_size=1000,
    )
    write_pictures(settings.IMAGES_DIR, 1)
    first = settings.IMAGES_DIR / "000000.jpg"
    for item_id in ids[1:]:
        os.link(first, settings.IMAGES_DIR / f"{item_id}.jpg")
    vectors = clustered(n, 256)
    manifest = {
        "format_version": FORMAT_VERSION,
        "network": "vgg16",
        "weights": {"label": "random"},
        "created": seen.isoformat(),
    }
    rows = {item_id: row for row, item_id in enumerate(ids)}
    save_index(Index(tuple(ids), rows, vectors, all_neighbours(vectors), manifest), settings.INDEX_PATH)
    return ids


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _child(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        main(measure, __doc__ or "")
