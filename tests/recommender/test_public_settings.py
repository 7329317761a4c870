"""What the settings of a public site say: proxies, databases that restart, logs."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def read(expression: str, **environment: str) -> str:
    """What the settings, `s`, say in a process of their own with this environment."""
    code = f"from recommender import settings as s; print({expression})"
    clean = {**os.environ, "DJANGO_SECRET_KEY": "x", "DATABASE_URL": "sqlite://:memory:"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=clean | environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_a_connection_that_a_restart_ended_is_noticed() -> None:
    assert read("s.DATABASES['default']['CONN_HEALTH_CHECKS']") == "True"


def test_a_database_host_that_does_not_answer_is_given_up() -> None:
    options = "s.DATABASES['default']['OPTIONS']['connect_timeout']"
    assert read(options, DATABASE_URL="postgres://a:b@db.example/c") == "5"
    assert read(options, DATABASE_URL="postgres://a:b@db.example/c?connect_timeout=9") == "9"


def test_who_asks_whether_the_site_is_well_needs_no_tls() -> None:
    exempt = "[bool(re.search(p, n)) for n in ('healthz', 'readyz', 'items/') for p in s.SECURE_REDIRECT_EXEMPT]"
    assert read(f"(re := __import__('re')) and {exempt}", DJANGO_HTTPS="true") == "[True, False, False, True, False, False]"


@pytest.mark.parametrize("name", ["line", "json"])
def test_logs_are_written_as_asked_for(name: str) -> None:
    assert read("s.LOGGING['handlers']['console']['formatter']", LOG_FORMAT=name) == name


@pytest.mark.parametrize(("switch", "level"), [("true", "INFO"), ("false", "CRITICAL")])
def test_requests_are_logged_where_asked_for(switch: str, level: str) -> None:
    assert read("s.LOGGING['loggers']['site.access']['level']", ACCESS_LOG=switch) == level


def test_requests_are_not_logged_by_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ACCESS_LOG", raising=False)
    assert read("s.ACCESS_LOG, s.LOGGING['loggers']['site.access']['level']") == "False CRITICAL"
