"""`make run` prepares only what is missing, and says which port is taken."""

import socket
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import OperationalError
from django.utils import timezone
from pytest_django import Settings

from catalog.models import Item
from recommender import launch


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch, settings: Settings, tmp_path: Path) -> list[tuple[Any, ...]]:
    """The commands that `prepare` calls, noted instead of run, over an empty folder."""
    settings.DATA_DIR = tmp_path
    settings.IMAGES_DIR = tmp_path / "images"
    settings.INDEX_PATH = tmp_path / "index" / "items.pkl"
    settings.IMAGES_DIR.mkdir()
    calls: list[tuple[Any, ...]] = []
    monkeypatch.setattr(launch, "collect_static_files", lambda: calls.append(("collectstatic",)))
    monkeypatch.setattr(launch, "run_command", lambda *args: calls.append(args))
    return calls


@pytest.mark.django_db
def test_an_empty_place_gets_the_demo_and_an_index(called: list[tuple[Any, ...]]) -> None:
    launch.prepare(lambda line: None)
    assert [call for call in called if call[0] in {"scrape", "build_index"}] == [("scrape", "demo"), ("build_index",)]


@pytest.mark.django_db
def test_a_filled_catalogue_with_an_index_is_left_alone(called: list[tuple[Any, ...]], settings: Settings) -> None:
    Item.objects.create(item_id="1", last_seen=timezone.now())
    settings.INDEX_PATH.parent.mkdir()
    settings.INDEX_PATH.touch()
    launch.prepare(lambda line: None)
    assert [call[0] for call in called] == ["sync_catalogue", "collectstatic"]


@pytest.mark.django_db
def test_a_shops_own_server_gets_no_demo(called: list[tuple[Any, ...]]) -> None:
    lines: list[str] = []
    launch.prepare(lines.append, demo=False)
    assert called == [("collectstatic",)]
    assert "no index yet: run scrape" in lines[0]


@pytest.mark.django_db
def test_without_demo_the_process_becomes_gunicorn(called: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    became: list[list[str]] = []
    monkeypatch.setattr("os.execv", lambda _program, command: became.append(command))
    monkeypatch.setattr("os.chdir", lambda _folder: None)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    call_command("run_site", "--no-demo", f"--port={port}", "--workers=3", "--max-requests=1000")
    (command,) = became
    assert command[1:3] == ["-m", "gunicorn"]
    assert f"127.0.0.1:{port}" in command
    words = " ".join(command)
    assert "--workers 3" in words
    assert "--max-requests 1000 --max-requests-jitter 500" in words


@pytest.mark.django_db
def test_with_the_demo_it_stays_gunicorns_parent(called: list[tuple[Any, ...]], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch, "serve", lambda *_: 3)
    monkeypatch.setattr(launch, "become_server", lambda *_: None)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(SystemExit) as ended:
        call_command("run_site", f"--port={port}")
    assert ended.value.code == 3


@pytest.mark.django_db
def test_a_damaged_index_does_not_keep_the_site_from_starting(
    called: list[tuple[Any, ...]], settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_words: str) -> None:
        raise CommandError("`manage.py sync_catalogue` failed: the reason is above.")

    Item.objects.create(item_id="1", last_seen=timezone.now())
    settings.INDEX_PATH.parent.mkdir()
    settings.INDEX_PATH.touch()
    monkeypatch.setattr(launch, "run_command", fail)
    lines: list[str] = []
    launch.prepare(lines.append)
    assert lines == ["`manage.py sync_catalogue` failed: the reason is above."]


def test_a_command_that_fails_stops_the_start() -> None:
    with pytest.raises(CommandError, match=r"manage\.py no_such_command` failed"):
        launch.run_command("no_such_command")


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("--port", "80000"), "'80000' is not a port"),
        (("--port", "0"), "'0' is not a port"),
        (("--workers", "0"), "'0' is not a number of processes"),
        (("--max-requests", "-1"), "'-1' is not a number of requests"),
        (("--workers", "-1"), "'-1' is not a number of processes"),
    ],
)
def test_bad_numbers_are_named(words: tuple[str, str], reason: str) -> None:
    with pytest.raises(CommandError, match=reason):
        call_command("run_site", "=".join(words))


@pytest.mark.django_db
def test_a_folder_of_previews_is_not_mixed_with_the_demo(called: list[tuple[Any, ...]], settings: Settings) -> None:
    (settings.IMAGES_DIR / "1.jpg").touch()
    launch.prepare(lambda line: None)
    assert ("scrape", "demo") not in called
    assert ("build_index",) in called


def test_a_taken_port_is_named_with_the_way_out() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=rf"127\.0\.0\.1:{port} .*make run PORT={port + 1}"):
            call_command("run_site", "--port", str(port))


def test_ctrl_c_while_preparing_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_log: object, *, demo: bool) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(launch, "prepare", interrupted)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(CommandError, match="Stopped") as stopped:
        call_command("run_site", "--port", str(port))
    assert stopped.value.returncode == 130


def test_a_database_that_does_not_answer_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_log: object, *, demo: bool) -> None:
        raise OperationalError("connection refused")

    monkeypatch.setattr(launch, "prepare", refused)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(CommandError, match=r"DATABASE_URL: connection refused"):
        call_command("run_site", "--port", str(port))
