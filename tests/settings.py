"""Settings for tests: the real ones, with a throw-away key, and neither `.env` nor `data/` in the way.

TEST_DATABASE_URL names another database than SQLite: see tests/postgresql.py.
"""

import os
import tempfile
from pathlib import Path

_scratch = Path(tempfile.mkdtemp(prefix="recommender-tests-"))
os.environ.update(
    DJANGO_SECRET_KEY="tests-only",
    DJANGO_DEBUG="false",
    DJANGO_HTTPS="false",
    DJANGO_ALLOWED_HOSTS="*",
    DATABASE_URL=os.environ.get("TEST_DATABASE_URL") or f"sqlite:///{_scratch / 'tests.sqlite3'}",
    IMAGES_DIR=str(_scratch / "images"),
    INDEX_PATH=str(_scratch / "index" / "items.pkl"),
    CACHE_DIR=str(_scratch / "cache"),
    HEADS_DIR=str(_scratch / "heads"),
    SEARCH_RATE_PER_ADDRESS="0",
    SEARCH_RATE="0",
    WARM_UP="false",
)

from recommender.settings import *  # noqa: E402, F403

STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
# Users of tests have no secrets, and their logging in takes no time.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
