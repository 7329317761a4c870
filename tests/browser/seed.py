"""Fills the site that the browser tests look at: the demo's shirts, with vectors that are their thumbnails.

Run as `python -m tests.browser.seed` with the site's environment.
"""

import csv
import hashlib
import shutil
from pathlib import Path
from typing import Any

import cv2
import django
import numpy as np
from django.core.management import call_command

OWNER, PASSWORD = "owner", "a password for this test"


def seed() -> None:
    """Rows, previews and an index of every shirt of the demo; the last one came after the index was built."""
    from django.conf import settings

    from catalog.sync_index import sync_index
    from indexing.extras.colours import colours
    from indexing.extras.layout import layout
    from indexing.extras.map_grid import map_arrays
    from indexing.extras.quantiles import distance_quantiles
    from tests.catalog.builders import MANIFEST, add_item, make_index, write_index

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    settings.IMAGES_DIR.mkdir(parents=True)
    with (settings.DEMO_DIR / "catalogue.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    points: dict[str, Any] = {}
    thumbnails, digests = [], {}
    for row in rows:
        path = Path(shutil.copy(settings.DEMO_DIR / f"{row['id']}.jpg", settings.IMAGES_DIR / f"{row['id']}.jpg"))
        fields = {name: row[name] for name in ("title", "price", "currency", "category")}
        add_item(row["id"], **fields, url=f"https://shop.example/{row['id']}", source="demo")
        picture = cv2.imread(str(path))
        assert picture is not None
        small = cv2.resize(picture, (48, 48), interpolation=cv2.INTER_AREA)[:, :, ::-1]
        thumbnails.append(small)
        points[row["id"]] = 255 - small[::4, ::4].astype(np.float32).ravel()
        digests[row["id"]] = hashlib.sha256(path.read_bytes()).hexdigest()
    del points[rows[-1]["id"]]
    kept = np.stack(thumbnails[:-1])
    # Two shirts that count as one, so that the fold has something to open.
    groups = np.arange(len(kept), dtype=np.int32)
    vectors = np.array(list(points.values()), dtype=np.float32)
    extras = {
        "thumbnails": kept,
        "duplicate_group": groups,
        **colours(kept),
        **distance_quantiles(vectors),
        **map_arrays(layout(vectors)),
    }
    index = make_index(points, {**MANIFEST, "previews": digests}, extras)
    nearest = index.neighbours["cosine"].rows[0, :2]
    groups[nearest[1]] = groups[nearest[0]]
    sync_index(write_index(index))
    seed_desk()


def seed_desk() -> None:
    """An owner, and something of all that the desk lists; the rule is not in force."""
    from datetime import timedelta

    from django.contrib.auth.models import User
    from django.utils import timezone

    from catalog.owner.models import ApiToken, Rule, Run, UsageCount

    User.objects.create_superuser(OWNER, password=PASSWORD)
    Rule.objects.create(
        kind="never", then_field="category", then_value="Cats", if_field="category", if_value="Dogs", active=False
    )
    Run.objects.create(command="scrape", source="demo", seconds=3.2, counts={"new": 375}, failures=[["281356", "no picture"]])
    ApiToken.objects.create(name="shop system", digest="0" * 64)
    counts = []
    for ago in range(20):
        day = timezone.localdate() - timedelta(days=ago)
        for place, opened in (("photo", 9), ("favourites", 4), ("recent", 0)):
            counts.append(UsageCount(day=day, place=place, item_id="100255", shown=90 + ago, opened=opened, shop=1))
        counts.append(UsageCount(day=day, place="photo", item_id="110182", shown=40))
    UsageCount.objects.bulk_create(counts)


if __name__ == "__main__":
    django.setup()
    seed()
