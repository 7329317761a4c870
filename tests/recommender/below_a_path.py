"""What `test_below_a_path.py` serves: the site with six items, made when the server's process starts."""

import os

import django

django.setup()

from django.conf import settings  # noqa: E402  (Django first)
from django.core.management import call_command  # noqa: E402

from recommender.wsgi import application as site  # noqa: E402
from tests.catalog.builders import POINTS, add_items, write_index, write_preview  # noqa: E402

assert os.environ["DATABASE_URL"].startswith("sqlite:////tmp/") or "pytest" in os.environ["DATABASE_URL"]
call_command("migrate", verbosity=0)
settings.IMAGES_DIR.mkdir(parents=True)
for item_id in POINTS:
    write_preview(item_id)
write_index()
add_items()
application = site
