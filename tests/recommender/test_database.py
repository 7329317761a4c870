"""Commands make the tables that they need."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_missing_tables_are_made(tmp_path: Path) -> None:
    code = (
        "import django; django.setup()\n"
        "from recommender.database import ensure_tables\n"
        "from django.db import connection\n"
        "ensure_tables(); ensure_tables()\n"
        "print('catalog_item' in connection.introspection.table_names())"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "recommender.settings",
        "DJANGO_SECRET_KEY": "for this test",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'fresh.sqlite3'}",
    }
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "True"
