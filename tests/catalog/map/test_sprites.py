"""Sheets of small previews: where each lies, where pictures come from, made once."""

import os
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.conf import settings
from filelock import FileLock

from catalog.index_store import Loaded
from catalog.map import sprites
from catalog.map.sprites import SHEET, Plan, draw_sheet, ensure_sheets, make_plan, sheet_path, write_sheets
from indexing.index.record import Index
from recommender import background
from tests.catalog.builders import MANIFEST, make_index, write_preview


def loaded(index: Index, stamp: int = 1) -> Loaded:
    return Loaded(index, (stamp, 2, 3))


def named(count: int) -> dict[str, tuple[float, float]]:
    return {f"i{number:05}": (float(number), 1.0) for number in range(count)}


def test_cells_shrink_as_the_catalogue_grows() -> None:
    assert [(Plan("k", n, cell).sheets, Plan("k", n, cell).per_sheet) for n, cell in ((375, 64), (11_556, 32))] == [
        (1, 1024),
        (3, 4096),
    ]
    assert make_plan(loaded(make_index())).cell == 64


def test_equal_pictures_make_an_equal_plan_though_the_index_is_another() -> None:
    digests = dict.fromkeys("abcdef", "ab" * 32)
    first = make_index(manifest={**MANIFEST, "previews": digests})
    other = make_index(manifest={**MANIFEST, "previews": {**digests, "c": "cd" * 32}})
    assert make_plan(loaded(first, 1)) == make_plan(loaded(first, 2))
    assert make_plan(loaded(first)) != make_plan(loaded(other))


def test_without_digests_every_index_file_has_a_plan_of_its_own() -> None:
    assert make_plan(loaded(make_index(), 1)) != make_plan(loaded(make_index(), 2))


def test_a_preview_is_drawn_in_its_row_s_place() -> None:
    index = make_index(named(40))
    red = np.zeros((100, 100, 3), np.uint8)
    red[:, :, 2] = 255
    cv2.imwrite(str(settings.IMAGES_DIR / "i00033.jpg"), red)
    sheet = draw_sheet(index, Plan("k", 40, 64), 0)
    assert sheet.shape == (128, SHEET, 3)
    np.testing.assert_allclose(sheet[64:128, 64:128].mean(axis=(0, 1)), [0, 0, 255], atol=4)  # 33 = 1 × 32 + 1
    assert (sheet[64:128, :64] == sheet[0, 0]).all()


def test_the_middle_of_an_oblong_preview_is_shown() -> None:
    picture = np.zeros((100, 300, 3), np.uint8)
    picture[:, 100:200, 1] = 255
    cv2.imwrite(str(settings.IMAGES_DIR / "a.jpg"), picture, [cv2.IMWRITE_JPEG_QUALITY, 100])
    sheet = draw_sheet(make_index(), Plan("k", 6, 64), 0)
    np.testing.assert_allclose(sheet[8:56, 8:56].mean(axis=(0, 1)), [0, 255, 0], atol=8)


def test_small_cells_come_from_the_index_alone() -> None:
    thumbnails = np.zeros((6, 48, 48, 3), np.uint8)
    thumbnails[2, :, :, 0] = 255  # red, in RGB
    sheet = draw_sheet(make_index(extras={"thumbnails": thumbnails}), Plan("k", 6, 32), 0)
    np.testing.assert_array_equal(sheet[16, 2 * 32 + 16], [0, 0, 255])


def test_a_damaged_preview_is_grey_and_costs_nothing_else() -> None:
    (settings.IMAGES_DIR / "a.jpg").write_bytes(b"no picture")
    write_preview("b")
    sheet = draw_sheet(make_index(), Plan("k", 6, 64), 0)
    assert (sheet[:64, :64] == sheet[0, 0]).all()
    assert sheet[:64, 64:128].std() > 0


def test_sheets_are_there_whole_and_old_ones_go() -> None:
    index = make_index()
    (settings.CACHE_DIR / "map" / ".killed.part").mkdir(parents=True)
    for key in ("0" * 16, "1" * 16, "2" * 16):
        write_sheets(index, Plan(key, 6, 64))
    assert sheet_path("2" * 16, 0) is not None
    assert sheet_path("2" * 16, 1) is None
    assert sorted(path.name for path in (settings.CACHE_DIR / "map").iterdir()) == ["1" * 16, "2" * 16]


def test_a_failure_leaves_nothing_half_made(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_descriptor: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(OSError, match="No space"):
        write_sheets(make_index(), Plan("3" * 16, 6, 64))
    assert list((settings.CACHE_DIR / "map").iterdir()) == []


def test_they_are_made_in_the_background_once() -> None:
    now = loaded(make_index())
    plan = make_plan(now)
    first = ensure_sheets(now, plan)
    assert first is not None
    wait_for(plan)
    assert ensure_sheets(now, plan) is None


def test_a_process_that_ends_leaves_no_half_made_sheets(monkeypatch: pytest.MonkeyPatch) -> None:
    stopping = threading.Event()
    monkeypatch.setattr(background, "_stopping", stopping)
    monkeypatch.setattr(sprites, "_thumbnail", lambda *_: stopping.set())
    now = loaded(make_index())
    ensure_sheets(now, make_plan(now))
    join()
    assert stopping.is_set()
    assert [path.name for path in (settings.CACHE_DIR / "map").iterdir() if path.is_dir()] == []
    sprites._builds.clear()


def test_a_process_that_ends_does_not_wait_for_anothers_sheets(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    stopping = threading.Event()
    stopping.set()
    monkeypatch.setattr(background, "_stopping", stopping)
    now = loaded(make_index())
    folder = make_plan(now).folder.parent
    folder.mkdir(parents=True)
    with FileLock(folder / "build.lock"):
        build = ensure_sheets(now, make_plan(now))
        join()
    assert (build is not None and build.problem, caplog.text) == ("", "")
    sprites._builds.clear()


def test_a_cache_that_cannot_be_written_is_said(settings: object, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    settings.CACHE_DIR = tmp_path / "file"  # type: ignore[attr-defined]
    now = loaded(make_index())
    plan = make_plan(now)
    build = ensure_sheets(now, plan)
    assert build is not None
    join()
    assert "cannot be written" in build.problem
    again = ensure_sheets(now, plan)
    assert again is not None
    assert "cannot be written" in again.problem
    join()
    sprites._builds.clear()


def join() -> None:
    """Until no thread draws sheets."""
    for thread in threading.enumerate():
        if thread.name == "sprite-build":
            thread.join(20)
            assert not thread.is_alive()


def wait_for(plan: Plan) -> None:
    join()
    assert plan.folder.is_dir()
