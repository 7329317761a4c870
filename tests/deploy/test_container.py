"""The container: what its file promises, and, where podman can run containers, the container itself."""

import re
import runpy
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.deploy.nginx import free_port
from tests.supply_chain.pinned import entries

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "deploy" / "Containerfile").read_text()
LAST_STAGE = TEXT.rpartition("\nFROM ")[2]
BASE = re.search(r"^ARG BASE=(\S+)$", TEXT, re.M)[1]  # type: ignore[index]
BUILD_SECONDS = 1800
START_SECONDS = 120


def podman(*words: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["podman", *words], cwd=ROOT, capture_output=True, text=True, check=False, timeout=seconds)


def test_it_is_not_root_and_knows_whether_it_is_well() -> None:
    assert re.findall(r"^USER (.+)$", LAST_STAGE, re.M) == ["10001:10001"]
    assert re.search(r"^HEALTHCHECK .*deploy/health\.py", LAST_STAGE, re.M)
    assert re.search(r"^VOLUME /data$", LAST_STAGE, re.M)


def test_it_cannot_change_its_own_program_and_writes_to_its_volume() -> None:
    """Files that are copied belong to root where no --chown says otherwise."""
    assert re.findall(r"^COPY .+$", LAST_STAGE, re.M) == ["COPY --from=build /opt/recommender /opt/recommender"]
    assert re.findall(r"-o recommender .*", LAST_STAGE) == ["-o recommender -g recommender -m 0750 /data"]
    assert "chown" not in TEXT
    assert "chmod" not in TEXT
    assert re.search(r"^ENV DATA_DIR=/data HOME=/data ", LAST_STAGE, re.M)


def test_its_packages_are_checked_by_digest() -> None:
    assert all("--require-hashes" in line for line in re.findall(r"^RUN .*pip install.*$", TEXT, re.M))


def test_the_page_starts_it_shut_in() -> None:
    page = (ROOT / "docs" / "how-to" / "deploy.md").read_text()
    started = re.search(r"^podman run ((?:.*\\\n)*.*)$", page, re.M)
    assert started
    assert re.search(r"--read-only --tmpfs /tmp --cap-drop all --publish 127\.0\.0\.1:8000:8000", started[1])


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_its_health_is_whether_the_site_answers(monkeypatch: pytest.MonkeyPatch, status: int, code: int) -> None:
    asked = []

    @contextmanager
    def answer(request: urllib.request.Request, timeout: float) -> Iterator[SimpleNamespace]:
        asked.append((request.full_url, request.get_header("Host"), timeout < 5))
        yield SimpleNamespace(status=status)

    monkeypatch.setattr(urllib.request, "urlopen", answer)
    monkeypatch.setenv("DJANGO_ALLOWED_HOSTS", ".example, shop.example")
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(ROOT / "deploy" / "health.py"))
    assert int(ended.value.code or 0) == code
    assert asked == [("http://127.0.0.1:8000/healthz", "shop.example", True)]


def test_a_site_that_does_not_answer_is_not_well(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise urllib.error.URLError("refused")

    monkeypatch.setattr(urllib.request, "urlopen", refuse)
    with pytest.raises(SystemExit, match="The site does not answer"):
        runpy.run_path(str(ROOT / "deploy" / "health.py"))


def test_all_that_it_copies_is_there_and_sent_to_the_builder() -> None:
    copied = [path for line in re.findall(r"^COPY (?!--from)(.+) \S+$", TEXT, re.M) for path in line.split()]
    sent = {line[1:].rstrip("/") for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    assert len(copied) > 10
    assert [path for path in copied if not (ROOT / path).exists()] == []
    assert [path for path in copied if not {path, *map(str, Path(path).parents)} & sent] == []


def test_every_room_is_copied() -> None:
    rooms = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "benchmarks", "training"}
    assert rooms <= set(re.findall(r"^COPY (\w+) \1$", TEXT, re.M))


def test_its_packages_are_the_products_without_tensorflow() -> None:
    all_of_them, small = (
        {(one.name, str(one.specifier)) for one, _ in entries(f"{folder}requirements.txt")} for folder in ("", "deploy/")
    )
    assert small < all_of_them
    assert {"tensorflow", "keras"} <= {name for name, _ in all_of_them} - {name for name, _ in small}


@pytest.mark.slow
def test_it_answers_on_a_root_that_nobody_can_write_to() -> None:
    if shutil.which("podman") is None:
        pytest.skip("no podman: apt-get install podman")
    probe = podman("run", "--rm", BASE, "true")
    if probe.returncode:
        pytest.skip(f"podman cannot run {BASE} here: {(probe.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    words = ("--format", "docker", "--tag", "recommender-test", "--file", "deploy/Containerfile", ".")
    built = podman("build", *words, seconds=BUILD_SECONDS)
    assert built.returncode == 0, built.stderr[-2000:]
    port = free_port()
    started = podman(
        *(
            "run",
            "--detach",
            "--rm",
            "--read-only",
            "--tmpfs",
            "/tmp",
            "--cap-drop",
            "all",
            "--publish",
            f"127.0.0.1:{port}:8000",
        ),
        *("--env", "DJANGO_SECRET_KEY=container-test", "--env", "DJANGO_ALLOWED_HOSTS=shop.example", "recommender-test"),
    )
    assert started.returncode == 0, started.stderr
    name = started.stdout.strip()
    try:
        deadline = time.monotonic() + START_SECONDS
        while podman("exec", name, "python", "deploy/health.py").returncode:
            assert time.monotonic() < deadline, podman("logs", name).stderr
            time.sleep(1)
    finally:
        podman("stop", name)
