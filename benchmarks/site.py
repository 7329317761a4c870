"""The item's page at 3,000 and 11,556 items: the server's CPU time, and requests a second beside a page of constant bytes."""

import hashlib
import io
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
from wsgiref.util import setup_testing_defaults

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
        f"the WSGI application alone, {PAGES} random items; then gunicorn, 1 worker, over loopback, all items in random order",
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
    """Fill a catalogue, then time what a worker does for pages and beacons, from gunicorn's call to the last byte."""
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    ids = _fill(n)
    chosen = random.Random(0).sample(ids, min(PAGES, n))
    _status, page = _ask(application, _environ(f"/items/{chosen[0]}/"))
    size = len(page)
    item = _times(application, [_environ(f"/items/{item_id}/") for item_id in chosen], "200")
    constant = _times(application, [_environ(f"/constant/{size}/") for _item in chosen], "200")
    shown = json.dumps({"place": "wall", "shown": ids[:12], "opened": [], "shop": []}).encode()
    beacon = _times(application, [_environ("/usage/", shown) for _item in chosen], "204")
    answer.write_text(json.dumps({"item": item, "bytes": size, "ids": ids, "constant": constant, "beacon": beacon}))


def _environ(path: str, body: bytes = b"") -> dict[str, Any]:
    """A browser's request as a WSGI server hands it on: a first visit, or with a body a beacon of `static/site/usage.js`."""
    environ: dict[str, Any] = {
        "REQUEST_METHOD": "POST" if body else "GET",
        "PATH_INFO": path,
        "CONTENT_LENGTH": str(len(body)),
        "CONTENT_TYPE": "text/plain",
        "HTTP_USER_AGENT": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0",
        "HTTP_ACCEPT_LANGUAGE": "en",
        "wsgi.input": io.BytesIO(body),
    }
    setup_testing_defaults(environ)
    return environ


def _ask(application: Any, environ: dict[str, Any]) -> tuple[str, bytes]:
    statuses = []
    response = application(environ, lambda status, _headers, _error=None: statuses.append(status))
    body = b"".join(response)
    response.close()
    return statuses[0], body


def _times(application: Any, environs: list[dict[str, Any]], expected: str) -> list[float]:
    """CPU milliseconds of each request."""
    times = []
    for environ in environs:
        began = time.process_time()
        status, _body = _ask(application, environ)
        times.append(1000 * (time.process_time() - began))
        if not status.startswith(expected):
            raise RuntimeError(f"{environ['PATH_INFO']} answered {status}.")
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
