"""Fills a site that can be searched by words: the demo's first shirts, indexed by a SigLIP-shaped encoder made here.

Run as `python -m tests.browser.seed_words FOLDER` with the site's environment; the encoder goes into FOLDER.
"""

import csv
import shutil
import sys
from pathlib import Path

import django
from django.core.management import call_command

SHIRTS = 60


def seed(folder: Path) -> None:
    from django.conf import settings

    from indexing.build import build
    from indexing.extras.registry import EXTRAS
    from tests.catalog.builders import add_item
    from tests.indexing.encoders import tiny_encoders

    call_command("migrate", verbosity=0, interactive=False)
    settings.IMAGES_DIR.mkdir(parents=True)
    with (settings.DEMO_DIR / "catalogue.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))[:SHIRTS]
    for row in rows:
        shutil.copy(settings.DEMO_DIR / f"{row['id']}.jpg", settings.IMAGES_DIR)
        fields = {name: row[name] for name in ("title", "price", "currency", "category")}
        add_item(row["id"], **fields, url=f"https://shop.example/{row['id']}", source="demo")
    setattr(build, "EXTRAS", EXTRAS[:2])  # noqa: B010  (the map's layout takes longer than all the rest)
    call_command("build_index", "--network", f"onnx:{tiny_encoders.siglip(folder)}", verbosity=0)


if __name__ == "__main__":
    django.setup()
    seed(Path(sys.argv[1]))
