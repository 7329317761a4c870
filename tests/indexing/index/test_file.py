"""The index file: what is saved is loaded, mapped; what is not an index is named with its reason and never half-loaded."""

import errno
import os
import stat
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from indexing.errors import IndexDamagedError, IndexMissingError, IndexVersionError
from indexing.index.file import load_index, save_index
from indexing.index.record import Index
from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.metrics import METRICS

IDS = ("a", "b-1", "c.2", "d_3")
VECTORS = np.array([[1, 0, 2], [0, 3, 1], [2, 2, 0], [5, 0, 1]], np.float32)


def small() -> Index:
    extras = {"colours": np.arange(12, dtype=np.uint8).reshape(4, 3), "names": np.array(["red", "blue", "green", "grey"])}
    rows = {item_id: row for row, item_id in enumerate(IDS)}
    return Index(IDS, rows, VECTORS, all_neighbours(VECTORS), {"format_version": 1, "network": "vgg16"}, extras)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "items.pkl"


@pytest.fixture
def content(path: Path) -> dict[str, Any]:
    """What is in a good file, to be spoilt."""
    save_index(small(), path)
    found: dict[str, Any] = joblib.load(path)
    return found


def test_what_is_saved_is_loaded(path: Path) -> None:
    save_index(small(), path)
    loaded = load_index(path)
    assert loaded.item_ids == IDS
    assert loaded.rows == {"a": 0, "b-1": 1, "c.2": 2, "d_3": 3}
    assert len(loaded) == 4
    assert loaded.manifest == {"format_version": 1, "network": "vgg16"}
    np.testing.assert_array_equal(loaded.vectors, VECTORS)
    np.testing.assert_array_equal(loaded.extras["names"], ["red", "blue", "green", "grey"])
    for metric in METRICS:
        np.testing.assert_array_equal(loaded.neighbours[metric].rows, small().neighbours[metric].rows)
        np.testing.assert_array_equal(loaded.neighbours[metric].distances, small().neighbours[metric].distances)


def test_the_site_may_read_it_as_another_user(path: Path) -> None:
    before = os.umask(0o027)
    try:
        save_index(small(), path)
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_arrays_are_read_only_views_of_the_file(path: Path) -> None:
    save_index(small(), path)
    loaded = load_index(path)
    for array in (loaded.vectors, loaded.neighbours["cosine"].rows, loaded.extras["colours"]):
        assert not array.flags.writeable
        assert not array.flags.owndata
        assert array.flags.aligned


def test_the_format_is_joblibs_and_has_the_names_of_the_contract(content: dict[str, Any]) -> None:
    assert list(content) == ["extid_to_intid", "intid_to_extid", "vectors", "neighbours", "manifest", "extras"]
    assert content["intid_to_extid"] == {0: "a", 1: "b-1", 2: "c.2", 3: "d_3"}
    assert content["vectors"].dtype == np.float32
    assert content["neighbours"]["manhattan"]["rows"].shape == (4, 3)


def test_equal_indexes_make_equal_files(path: Path) -> None:
    save_index(small(), path)
    first = path.read_bytes()
    save_index(load_index(path), path)  # mapped arrays, other string objects, another dtype object
    assert path.read_bytes() == first


def test_an_open_index_outlives_its_replacement(path: Path) -> None:
    save_index(small(), path)
    loaded = load_index(path)
    other = small()
    save_index(Index(other.item_ids, other.rows, VECTORS + 1, all_neighbours(VECTORS + 1), other.manifest), path)
    np.testing.assert_array_equal(loaded.vectors, VECTORS)
    np.testing.assert_array_equal(load_index(path).vectors, VECTORS + 1)


def test_a_full_disk_leaves_the_old_index_and_no_litter(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_index(small(), path)
    before = path.read_bytes()

    def half(value: object, file: Any) -> None:
        file.write(b"half an index")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(joblib, "dump", half)
    with pytest.raises(OSError, match="No space left"):
        save_index(small(), path)
    assert path.read_bytes() == before
    assert [file.name for file in path.parent.iterdir()] == [path.name]


def test_the_file_is_flushed_before_it_is_renamed(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(os, "fsync", lambda _: calls.append("fsync"))
    replace = Path.replace

    def renamed(source: Path, target: Path) -> Path:
        calls.append("rename")
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", renamed)
    save_index(small(), path)
    assert calls == ["fsync", "rename", "fsync"]


def test_a_missing_index_says_how_to_make_one(path: Path) -> None:
    with pytest.raises(IndexMissingError, match=f"no index at {path}.*build_index"):
        load_index(path)


def test_another_format_version_is_named(content: dict[str, Any], path: Path) -> None:
    content["manifest"]["format_version"] = 2
    joblib.dump(content, path)
    with pytest.raises(IndexVersionError, match=r"format version 2, this program reads 1.*build_index"):
        load_index(path)


SPOILT = {
    "no manifest": lambda c: c.pop("manifest"),
    "no version": lambda c: c["manifest"].pop("format_version"),
    "float64 vectors": lambda c: c.update(vectors=c["vectors"].astype(np.float64)),
    "flat vectors": lambda c: c.update(vectors=c["vectors"].ravel()),
    "a vector missing": lambda c: c.update(vectors=c["vectors"][:3]),
    "NaN": lambda c: c.update(vectors=np.full_like(c["vectors"], np.nan)),
    "vectors are a list": lambda c: c.update(vectors=c["vectors"].tolist()),
    "maps disagree": lambda c: c["extid_to_intid"].update({"a": 1, "b-1": 0}),
    "an id twice": lambda c: c["intid_to_extid"].update({1: "a"}),
    "a row too far": lambda c: c["intid_to_extid"].update({9: c["intid_to_extid"].pop(3)}),
    "a row that is True": lambda c: c["extid_to_intid"].update({"b-1": True}),
    "an id that is a path": lambda c: (
        c["intid_to_extid"].update({0: "../a"}),
        c["extid_to_intid"].update({"../a": c["extid_to_intid"].pop("a")}),
    ),
    "an id that is a number": lambda c: (
        c["intid_to_extid"].update({0: 7}),
        c["extid_to_intid"].update({7: c["extid_to_intid"].pop("a")}),
    ),
    "ids are a list": lambda c: c.update(intid_to_extid=list(IDS)),
    "rows are a list": lambda c: c.update(extid_to_intid=list(range(4))),
    "no items": lambda c: (c["intid_to_extid"].clear(), c["extid_to_intid"].clear()),
    "a metric missing": lambda c: c["neighbours"].pop("cosine"),
    "neighbours of another type": lambda c: c["neighbours"].update(cosine=[]),
    "int64 neighbours": lambda c: c["neighbours"]["cosine"].update(rows=c["neighbours"]["cosine"]["rows"].astype(np.int64)),
    "too few neighbours": lambda c: c["neighbours"]["cosine"].update(rows=c["neighbours"]["cosine"]["rows"][:, :2]),
    "a neighbour beyond": lambda c: c["neighbours"]["cosine"]["rows"].__setitem__((1, 1), 4),
    "a neighbour before": lambda c: c["neighbours"]["cosine"]["rows"].__setitem__((1, 1), -1),
    "its own neighbour": lambda c: c["neighbours"]["cosine"]["rows"].__setitem__((1, 0), 1),
    "a negative distance": lambda c: c["neighbours"]["cosine"]["distances"].__setitem__((1, 0), -1),
    "a NaN distance": lambda c: c["neighbours"]["cosine"]["distances"].__setitem__((1, 0), np.nan),
    "extras are a list": lambda c: c.update(extras=[]),
    "an extra is no array": lambda c: c.update(extras={"a": 1}),
}


@pytest.mark.parametrize("spoil", SPOILT.values(), ids=SPOILT.keys())
def test_what_does_not_fit_together_is_refused_by_name(spoil: Any, content: dict[str, Any], path: Path) -> None:
    load_index(path)  # it is good before
    spoil(content)
    joblib.dump(content, path)
    with pytest.raises(IndexDamagedError, match=f"{path} is not a usable index: .*build_index --rebuild"):
        load_index(path)


def test_one_item_has_no_neighbours(path: Path) -> None:
    save_index(Index(("a",), {"a": 0}, VECTORS[:1], all_neighbours(VECTORS[:1]), {"format_version": 1}), path)
    assert load_index(path).neighbours["cosine"].rows.shape == (1, 0)
