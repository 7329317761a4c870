"""The item's page at 3,000 and 11,556 items: the server's CPU time, and requests a second beside a page of constant bytes."""

import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.harness.command import main
from benchmarks.harness.measuring import Measured, Ratio, Result
from benchmarks.harness.site_load import AGAIN, FIRST, rates
from benchmarks.harness.vectors import ARTICLE

SIZES: Final = (3_000, ARTICLE)
PAGES: Final = 150
TURNS: Final = 3
CONSTANT: Final = "constant bytes"
ALLOWED_MS: Final = 4.0
RANDOM: Final = "random"


def measure(quick: bool) -> Result:
    sizes = (300,) if quick else SIZES
    result = Result(
        "site",
        "The item's page",
        f"Django's test client, {PAGES} random items; then gunicorn, 1 worker, over loopback, all items in random order",
    )
    for n in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            environment = _environment(Path(scratch))
            _measure_size(result, n, Path(scratch), environment, 1 if quick else TURNS)
    return result


def _environment(scratch: Path) -> dict[str, str]:
    return os.environ | {
        "DJANGO_SETTINGS_MODULE": "benchmarks.harness.site_settings",
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
    result.measured[f"CPU time of an item page, {n:,} items"] = item
    result.ratios[f"CPU time of an item page, {n:,} items / {ALLOWED_MS:.0f} ms"] = Ratio(
        item.median / ALLOWED_MS, 1.0, at_least=False
    )
    result.measured[f"CPU time of {CONSTANT}, {n:,} items"] = Measured(tuple(found["constant"]), "ms")
    beacon = Measured(tuple(found["beacon"]), "ms")
    result.measured[f"CPU time of a beacon that counts a page's wall, {n:,} items"] = beacon
    result.ratios[f"counting / an item page, {n:,} items"] = Ratio(beacon.median / item.median, 0.05, at_least=False)
    wrk = shutil.which("wrk")
    if wrk is None:
        result.notes.append("requests a second were not measured: install wrk (Debian's package wrk) to have them")
        return
    pages = [f"/items/{item_id}/" for item_id in found["ids"]]
    random.Random(1).shuffle(pages)
    others = {RANDOM: "/", CONSTANT: f"/constant/{found['bytes']}/"}
    labels = {name: f"item page, {name}" for name in (FIRST, AGAIN)} | {RANDOM: "a random item, /", CONSTANT: CONSTANT}
    for name, runs in rates(wrk, pages, others, environment, turns, scratch).items():
        result.measured[f"{labels[name]}, {n:,} items"] = Measured(tuple(runs), "requests/s")
    for own in (FIRST, AGAIN):
        one, other = (result.measured[f"{labels[name]}, {n:,} items"].median for name in (own, CONSTANT))
        result.ratios[f"{labels[own]} / {CONSTANT}, {n:,} items"] = Ratio(one / other)


def _child(n: int, answer: Path) -> None:
    """Fill a catalogue, then time pages with Django's test client."""
    import django

    django.setup()
    from django.test import Client

    ids = _fill(n)
    client = Client()
    chosen = random.Random(0).sample(ids, min(PAGES, n))
    page = f"/items/{chosen[0]}/"
    size = len(client.get(page).content)
    item = _times(client, [f"/items/{item_id}/" for item_id in chosen])
    constant = _times(client, [f"/constant/{size}/"] * len(chosen))
    beacon = _beacon_times(client, chosen)
    answer.write_text(json.dumps({"item": item, "bytes": size, "ids": ids, "constant": constant, "beacon": beacon}))


def _times(client: Any, pages: list[str]) -> list[float]:
    times = []
    client.get(pages[0])
    for page in pages:
        began = time.process_time()
        response = client.get(page)
        times.append(1000 * (time.process_time() - began))
        if response.status_code != 200:
            raise RuntimeError(f"{page} answered {response.status_code}.")
    return times


def _beacon_times(client: Any, ids: list[str]) -> list[float]:
    """CPU time of counting what one page shows: its wall and its three measures, as `static/site/usage.js` sends them."""
    shown = json.dumps({"place": "wall", "shown": ids[:12], "opened": [], "shop": []})
    times = []
    for _ in ids:
        began = time.process_time()
        response = client.post("/usage/", shown, content_type="text/plain", headers={"User-Agent": "Mozilla/5.0"})
        times.append(1000 * (time.process_time() - began))
        if response.status_code != 204:
            raise RuntimeError(f"/usage/ answered {response.status_code}.")
    return times


def _fill(n: int) -> list[str]:
    """n items on sale, an index of them with what pages show of it, and a preview file for each."""
    from datetime import UTC, datetime

    import numpy as np
    from django.conf import settings
    from django.core.management import call_command

    from benchmarks.harness.pictures import write_pictures
    from benchmarks.harness.vectors import clustered
    from catalog.models import Item
    from indexing.extras.quantiles import distance_quantiles
    from indexing.index.file import save_index
    from indexing.index.record import FORMAT_VERSION, Index
    from indexing.nearest.all_pairs import all_neighbours

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
                category="T-shirts",
                dominant_colour="blue",
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
        "previews": dict.fromkeys(ids, hashlib.sha256(first.read_bytes()).hexdigest()),
    }
    rows = {item_id: row for row, item_id in enumerate(ids)}
    extras = {"duplicate_group": np.arange(n, dtype=np.int32), **distance_quantiles(vectors)}
    save_index(Index(tuple(ids), rows, vectors, all_neighbours(vectors), manifest, extras), settings.INDEX_PATH)
    return ids


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _child(int(sys.argv[2]), Path(sys.argv[3]))
    else:
        main(measure, __doc__ or "")
