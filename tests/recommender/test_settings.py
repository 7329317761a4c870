"""Settings come from the environment, say what is wrong in one line, and stand in the reference."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from indexing.index.file import save_index
from tests.catalog.builders import make_index

ROOT = Path(__file__).resolve().parents[2]
READ = re.compile(r'(?:env\.\w+|path_setting|positive|boolean|whole_number)\(\s*"([A-Z_]+)"')


def names() -> list[str]:
    return sorted(set(READ.findall((ROOT / "recommender" / "settings.py").read_text())))


def load(**environment: str) -> subprocess.CompletedProcess[str]:
    """Import the settings in a process of their own, with this environment and no `.env`."""
    code = (
        "import environ; environ.Env.read_env = classmethod(lambda *a, **k: None); "
        "from recommender import settings as s; print(s.IMAGES_DIR, s.DEBUG, bool(s.SECRET_KEY))"
    )
    clean = {"PATH": os.environ["PATH"], "HOME": os.environ.get("HOME", "/")}
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=clean | environment, capture_output=True, text=True)


def test_there_are_settings_to_document() -> None:
    assert {"DJANGO_SECRET_KEY", "DATABASE_URL", "IMAGES_DIR", "INDEX_PATH", "SCRAPER_CONTACT"} <= set(names())


@pytest.mark.parametrize("name", names())
def test_the_reference_lists_every_setting(name: str) -> None:
    assert f"| `{name}` |" in (ROOT / "docs" / "reference" / "settings.md").read_text()


def test_no_secret_outside_debug_stops_the_start() -> None:
    result = load()
    assert result.returncode != 0
    assert "DJANGO_SECRET_KEY is not set" in result.stderr.splitlines()[-1]


def test_debug_needs_no_secret() -> None:
    assert load(DJANGO_DEBUG="true").stdout.endswith("True True\n")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DJANGO_DEBUG", "perhaps"),
        ("SCRAPER_DELAY", "-1"),
        ("SCRAPER_DELAY", "soon"),
        ("SEARCH_RATE", "-1"),
        ("LOG_FORMAT", "xml"),
    ],
)
def test_a_bad_value_is_named(name: str, value: str) -> None:
    result = load(DJANGO_SECRET_KEY="x", **{name: value})
    assert result.returncode != 0
    assert f"{name} is '{value}'" in result.stderr.splitlines()[-1]


def test_a_relative_path_is_taken_from_the_project() -> None:
    assert load(DJANGO_SECRET_KEY="x", IMAGES_DIR="data/elsewhere").stdout.startswith(str(ROOT / "data" / "elsewhere"))


def test_everything_lies_below_one_folder() -> None:
    assert load(DJANGO_SECRET_KEY="x", DATA_DIR="/srv/recommender").stdout.startswith("/srv/recommender/images ")


def test_check_deploy_is_clean_with_the_settings_of_a_public_site(tmp_path: Path) -> None:
    command = [sys.executable, "manage.py", "check", "--deploy", "--fail-level", "WARNING"]
    (tmp_path / "images").mkdir()
    save_index(make_index(), tmp_path / "items.pkl")
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "recommender.settings",
        "DJANGO_SECRET_KEY": "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "DJANGO_HTTPS": "true",
        "DJANGO_ALLOWED_HOSTS": "shop.example",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'site.sqlite3'}",
        "IMAGES_DIR": str(tmp_path / "images"),
        "INDEX_PATH": str(tmp_path / "items.pkl"),
        "CACHE_DIR": str(tmp_path / "cache"),
        "TRUSTED_PROXY": "127.0.0.1",
        "SEARCH_RATE": "600",
        "SEARCH_RATE_PER_ADDRESS": "60",
    }
    result = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert result.returncode == 0, result.stderr


def test_a_connection_outlives_its_request() -> None:
    from django.db import connection

    assert connection.settings_dict["CONN_MAX_AGE"] > 0


def test_below_a_path_every_address_has_it(tmp_path: Path) -> None:
    """As gunicorn is told by the environment's SCRIPT_NAME: pages, static files and the API's link alike."""
    code = (
        "import django; django.setup()\n"
        "from django.test import Client\n"
        "html = Client(headers={'host': 'localhost'}).get('/api/v1/docs').content.decode()\n"
        "import re; print(sorted({a.split('/')[1] for a in re.findall(r'(?:href|src)=\"(/[^\"]*)', html)}))"
    )
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "recommender.settings",
        "DJANGO_DEBUG": "true",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}",
        "INDEX_PATH": str(tmp_path / "none.pkl"),
        "SCRIPT_NAME": "/vr",
    }
    code = code.replace("Client(", "Client(raise_request_exception=False, ", 1)
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
    assert answer.stdout.strip() == "['vr']", answer.stderr[-500:]


def test_browsers_know_of_https_before_the_first_visit_only_when_told_so() -> None:
    code = "from recommender import settings as s; print(s.SECURE_HSTS_SECONDS > 0, s.SECURE_HSTS_PRELOAD)"
    for switch, preload in (({}, "False"), ({"DJANGO_HSTS_PRELOAD": "true"}, "True")):
        environment = os.environ | {"DJANGO_SECRET_KEY": "x", "DJANGO_HTTPS": "true"} | switch
        done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True)
        assert done.stdout.split() == ["True", preload], done.stderr
