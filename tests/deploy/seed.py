"""Fills the site that stands behind nginx: six items with previews. `python -m tests.deploy.seed` in the site's environment."""

import django
from django.core.management import call_command


def seed() -> None:
    from tests.catalog.builders import POINTS, add_items, write_index, write_preview

    call_command("migrate", verbosity=0, interactive=False)
    call_command("collectstatic", verbosity=0, interactive=False)
    add_items()
    write_index()
    for item_id in POINTS:
        write_preview(item_id, 640, 480)


if __name__ == "__main__":
    django.setup()
    seed()
