"""`install_index`: a good file takes the old one's place in one step; anything else leaves it as it was."""

import errno
import os
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest
from django.core.management import CommandError, call_command

from catalog.models import Item
from indexing.index import installation
from indexing.index.file import load_index, save_index
from indexing.index.private_copies import copy_bytes
from indexing.index.record import Index
from indexing.nearest.all_pairs import all_neighbours

pytestmark = pytest.mark.django_db


def index_of(*item_ids: str) -> Index:
    vectors = np.array([[number, 1] for number in range(len(item_ids))], np.float32)
    rows = {item_id: row for row, item_id in enumerate(item_ids)}
    return Index(item_ids, rows, vectors, all_neighbours(vectors), {"format_version": 1, "network": "vgg16"})


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    path = tmp_path / "site" / "items.pkl"
    save_index(index_of("a", "b"), path)
    return path


@pytest.fixture
def built(tmp_path: Path) -> Path:
    path = tmp_path / "built.pkl"
    save_index(index_of("x", "y", "z"), path)
    return path


def install(source: Path, target: Path) -> None:
    call_command("install_index", source, "--index", target)


def listing(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_good_file_takes_the_place_and_the_old_one_is_kept(
    built: Path, installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    open_before = load_index(installed)
    inode = installed.stat().st_ino
    install(built, installed)
    assert load_index(installed).item_ids == ("x", "y", "z")
    assert installed.stat().st_ino != inode
    assert open_before.vectors.tolist() == [[0, 1], [1, 1]]
    previous = installed.with_name("items.pkl.previous")
    assert load_index(previous).item_ids == ("a", "b")
    out = capsys.readouterr().out
    assert f"Installed {built} as {installed}: 3 items, network vgg16." in out
    assert f"`manage.py install_index {previous}` brings it back" in out
    assert listing(installed.parent) == ["items.pkl", "items.pkl.lock", "items.pkl.previous"]
    install(previous, installed)
    assert load_index(installed).item_ids == ("a", "b")


def test_what_a_killed_installation_left_is_no_hindrance(built: Path, installed: Path) -> None:
    installed.with_name(".items.pkl.previous.link").write_bytes(b"half")
    install(built, installed)
    assert load_index(installed.with_name("items.pkl.previous")).item_ids == ("a", "b")


def test_without_hard_links_the_old_one_is_not_kept(built: Path, installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def cannot(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", cannot)
    install(built, installed)
    assert load_index(installed).item_ids == ("x", "y", "z")
    assert listing(installed.parent) == ["items.pkl", "items.pkl.lock"]


def test_the_first_index_of_all_needs_no_folder(built: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    install(built, tmp_path / "new" / "items.pkl")
    assert load_index(tmp_path / "new" / "items.pkl").item_ids == ("x", "y", "z")
    assert "before it" not in capsys.readouterr().out


def test_the_catalogue_follows(built: Path, installed: Path) -> None:
    install(built, installed)
    assert set(Item.objects.values_list("pk", flat=True)) == {"x", "y", "z"}


def test_what_is_no_index_is_refused_in_one_line(installed: Path, tmp_path: Path) -> None:
    before = installed.read_bytes()
    bad = tmp_path / "bad.pkl"
    bad.write_bytes(installed.read_bytes()[:-10])
    with pytest.raises(CommandError, match=rf"{bad} is not a usable index: it is damaged") as refused:
        install(bad, installed)
    assert "\n" not in str(refused.value)
    for source, reason in ((tmp_path / "none.pkl", "No such file"), (installed, "is the installed index itself")):
        with pytest.raises(CommandError, match=reason):
            install(source, installed)
    assert installed.read_bytes() == before
    assert listing(installed.parent) == ["items.pkl", "items.pkl.lock"]


def test_every_vector_is_read_before(installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("indexing.index.record._READ_WHOLE", 0)  # as if it were a large one
    bad = tmp_path / "bad.pkl"
    save_index(index_of(*(f"item-{number}" for number in range(2048))), bad)
    content: dict[str, Any] = joblib.load(bad)
    content["vectors"][1, 0] = np.nan  # between those that a quick look takes
    joblib.dump(content, bad)
    assert load_index(bad)
    with pytest.raises(CommandError, match="numbers that are not finite"):
        install(bad, installed)


def test_a_full_disk_leaves_the_old_one(built: Path, installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = installed.read_bytes()
    monkeypatch.setattr(installation, "copy_bytes", full)
    with pytest.raises(CommandError, match=r"cannot be written \(No space left on device\): make room there. It is as it was"):
        install(built, installed)
    assert installed.read_bytes() == before
    assert listing(installed.parent) == ["items.pkl", "items.pkl.lock"]


def test_a_file_that_changes_meanwhile_is_refused(built: Path, installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:

    def disturbed(*both: Any) -> None:
        copy_bytes(*both)
        with built.open("ab") as file:
            file.write(b"more")

    monkeypatch.setattr(installation, "copy_bytes", disturbed)
    with pytest.raises(CommandError, match="changed while it was read: install it when it is whole"):
        install(built, installed)
    assert load_index(installed).item_ids == ("a", "b")


def test_the_copy_is_on_the_disk_before_it_is_renamed(built: Path, installed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda _: calls.append("fsync"))
    replace = Path.replace

    def renamed(source: Path, target: Path) -> Path:
        calls.append(f"rename to {target.name}")
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", renamed)
    install(built, installed)
    assert calls[-3:] == ["fsync", "rename to items.pkl", "fsync"]


def test_a_build_that_writes_the_same_index_is_not_disturbed(built: Path, installed: Path) -> None:
    from filelock import FileLock

    with FileLock(f"{installed}.lock"), pytest.raises(CommandError, match="Another build"):
        install(built, installed)
