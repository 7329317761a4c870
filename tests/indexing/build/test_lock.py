"""Two builds of one index: the second is refused, and only as long as the first one lives."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from indexing.build.lock import build_lock
from indexing.errors import BuildLockedError
from tests.indexing.build.builds import CountingEngine, Shop, use_small_network

HOLD = """
import sys
from pathlib import Path
from indexing.build.lock import build_lock
with build_lock(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "items.pkl"


def hold(path: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(path)], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "locked\n"
    return process


def test_a_second_build_is_refused_and_told_who_builds(path: Path) -> None:
    with hold(path) as process:
        with (
            pytest.raises(BuildLockedError, match=rf"process {process.pid}\) is writing {path}.*{path}\.lock"),
            build_lock(path),
        ):
            pass
        process.kill()


def test_the_lock_dies_with_its_process(path: Path) -> None:
    with hold(path) as process:
        process.kill()
        process.wait()
    with build_lock(path):
        assert path.with_name("items.pkl.lock").read_text() == f"{os.getpid()}\n"


def test_another_index_may_be_built_meanwhile(path: Path) -> None:
    with build_lock(path), build_lock(path.with_name("other.pkl")):
        pass


def test_a_build_takes_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_small_network(monkeypatch, CountingEngine())
    shop = Shop(tmp_path)
    shop.draw("a")
    with build_lock(shop.path), pytest.raises(BuildLockedError):
        shop.build()
    assert shop.build().items == 1
