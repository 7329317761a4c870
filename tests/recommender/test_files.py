"""`atomic_write`: complete or not at all, with an ordinary mode, nothing left behind."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from recommender.files import atomic_write, remove_parts


@pytest.fixture(params=[0o022, 0o027, 0o077])
def umask(request: pytest.FixtureRequest) -> Iterator[int]:
    mask: int = request.param
    before = os.umask(mask)
    yield mask
    os.umask(before)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_file_is_written_and_replaced(tmp_path: Path) -> None:
    for data in (b"old", b"new"):
        with atomic_write(tmp_path / "a.bin") as file:
            file.write(data)
    assert (tmp_path / "a.bin").read_bytes() == b"new"
    assert names(tmp_path) == ["a.bin"]


def test_the_mode_is_what_the_umask_gives(tmp_path: Path, umask: int) -> None:
    with atomic_write(tmp_path / "a.bin") as file:
        file.write(b"x")
    assert mode(tmp_path / "a.bin") == 0o666 & ~umask


def test_readers_see_the_old_file_until_the_end(tmp_path: Path) -> None:
    (tmp_path / "a.bin").write_bytes(b"old")
    with atomic_write(tmp_path / "a.bin") as file:
        file.write(b"new")
        file.flush()
        assert (tmp_path / "a.bin").read_bytes() == b"old"


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), KeyboardInterrupt()])
def test_a_failure_keeps_the_old_file_and_leaves_nothing(tmp_path: Path, error: BaseException) -> None:
    def write_half() -> None:
        with atomic_write(tmp_path / "a.bin") as file:
            file.write(b"half")
            raise error

    (tmp_path / "a.bin").write_bytes(b"old")
    with pytest.raises(type(error)):
        write_half()
    assert (tmp_path / "a.bin").read_bytes() == b"old"
    assert names(tmp_path) == ["a.bin"]


def test_a_failing_flush_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space"), atomic_write(tmp_path / "a.bin") as file:
        file.write(b"x")
    assert names(tmp_path) == []


def test_it_is_flushed_before_and_after_the_rename(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    replace = Path.replace
    monkeypatch.setattr(os, "fsync", lambda _descriptor: calls.append("fsync"))

    def renamed(source: Path, target: Path) -> Path:
        calls.append("rename")
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", renamed)
    with atomic_write(tmp_path / "a.bin") as file:
        file.write(b"x")
    assert calls == ["fsync", "rename", "fsync"]


def test_a_folder_that_is_missing_is_an_oserror(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="nowhere"), atomic_write(tmp_path / "nowhere" / "a.bin"):
        pass


def test_parts_of_a_killed_process_are_removed(tmp_path: Path) -> None:
    (tmp_path / ".a.bin.0123.part").write_bytes(b"half")
    (tmp_path / "a.bin").write_bytes(b"complete")
    (tmp_path / "b.part").write_bytes(b"somebody's own")
    assert remove_parts(tmp_path) == 1
    assert names(tmp_path) == ["a.bin", "b.part"]


def test_of_one_name_only_its_own_parts_go(tmp_path: Path) -> None:
    ours, others = f".[a].pkl.{'0' * 16}.part", (f".a.pkl.{'0' * 16}.part", f".[a].pkl.2.{'0' * 16}.part", "[a].pkl")
    for name in (ours, *others):
        (tmp_path / name).touch()
    assert remove_parts(tmp_path, "[a].pkl") == 1
    assert names(tmp_path) == sorted(others)
