"""Sheets of small previews for the map: a page can draw 11,556 pictures, but it cannot ask for 11,556 files.

Made once for an index in a background thread, kept in `settings.CACHE_DIR`, written aside and renamed when complete.
"""

import hashlib
import logging
import secrets
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from django.conf import settings
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from catalog.index_store import Loaded
from catalog.previews import preview_path
from indexing.index.record import Index
from recommender.background import BackgroundThread, check_stopping, is_stopping
from recommender.files import PART_SUFFIX, atomic_write, sync_folder

logger = logging.getLogger(__name__)

SHEET: Final = 2048
# Cells are powers of two, so that a texture's smaller levels never mix neighbours. A bigger catalogue gets smaller cells:
# at most about seven sheets, 16 MB of graphics memory each. What is looked at closely, the page loads one by one.
CELLS: Final = ((4 * 1024, 64), (7 * 4096, 32))
SMALLEST_CELL: Final = 16
KEPT: Final = 2
QUALITY: Final = 82
_GREY: Final = 200
_FORMAT: Final = "1"


@dataclass(frozen=True, slots=True)
class Plan:
    """What the sheets of an index will be. key: changes with the pictures; row r is in sheet r // per_sheet, row by row."""

    key: str
    count: int
    cell: int

    @property
    def per_sheet(self) -> int:
        return (SHEET // self.cell) ** 2

    @property
    def sheets(self) -> int:
        return -(-self.count // self.per_sheet)

    @property
    def folder(self) -> Path:
        return Path(settings.CACHE_DIR) / "map" / self.key


def make_plan(loaded: Loaded) -> Plan:
    """The plan of a loaded index; equal pictures give an equal plan, though the index was built again."""
    index = loaded.index
    cell = next((cell for most, cell in CELLS if len(index) <= most), SMALLEST_CELL)
    previews = index.manifest.get("previews")
    if isinstance(previews, Mapping) and all(item_id in previews for item_id in index.item_ids):
        contents = "\n".join(f"{item_id} {previews[item_id]}" for item_id in index.item_ids)
    else:
        contents = loaded.version
    return Plan(hashlib.sha256(f"{_FORMAT} {cell}\n{contents}".encode()).hexdigest()[:16], len(index), cell)


def sheet_path(key: str, number: int) -> Path | None:
    """A finished sheet's file, or None. `key` must be hexadecimal."""
    path = Path(settings.CACHE_DIR) / "map" / key / f"{number}.webp"
    return path if path.is_file() else None


def draw_sheet(index: Index, plan: Plan, number: int) -> NDArray[np.uint8]:
    """Sheet `number` as BGR pixels, uint8 (h, 2048, 3), h no larger than its rows need (a power of two)."""
    first = number * plan.per_sheet
    across = SHEET // plan.cell
    used = min(plan.per_sheet, plan.count - first)
    sheet = np.full((-(-used // across) * plan.cell, SHEET, 3), _GREY, np.uint8)
    thumbnails = index.extras.get("thumbnails")
    for slot in range(used):
        check_stopping()
        picture = _thumbnail(index.item_ids[first + slot], None if thumbnails is None else thumbnails[first + slot], plan.cell)
        if picture is not None:
            top, left = slot // across * plan.cell, slot % across * plan.cell
            sheet[top : top + plan.cell, left : left + plan.cell] = picture
    return sheet


def _thumbnail(item_id: str, thumbnail: NDArray[np.uint8] | None, side: int) -> NDArray[np.uint8] | None:
    """The preview's middle square as BGR uint8 (side, side, 3): from the index's thumbnail where it is large enough."""
    import cv2

    from imaging.decoding import decode

    bgr = None if thumbnail is None else np.ascontiguousarray(thumbnail[:, :, ::-1])
    if bgr is None or len(bgr) < side:
        path = preview_path(item_id)
        try:
            read = None if path is None else decode(path.read_bytes(), fast=True)
        except OSError:
            read = None
        if read is not None:
            short = min(read.shape[:2])
            top, left = (read.shape[0] - short) // 2, (read.shape[1] - short) // 2
            bgr = read[top : top + short, left : left + short]
    if bgr is None:
        return None
    interpolation = cv2.INTER_AREA if len(bgr) >= side else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(bgr, (side, side), interpolation=interpolation), dtype=np.uint8)


def write_sheets(index: Index, plan: Plan, done: Callable[[int], None] = lambda sheets: None) -> None:
    """Draw and keep every sheet. `done` is called with how many there are. Raises OSError; nothing half-made is left then."""
    import cv2

    plan.folder.parent.mkdir(parents=True, exist_ok=True)
    aside = plan.folder.with_name(f".{plan.key}.{secrets.token_hex(8)}{PART_SUFFIX}")
    try:
        aside.mkdir()
        for number in range(plan.sheets):
            made, encoded = cv2.imencode(".webp", draw_sheet(index, plan, number), [cv2.IMWRITE_WEBP_QUALITY, QUALITY])
            if not made:
                raise OSError(f"sheet {number} could not be encoded")
            with atomic_write(aside / f"{number}.webp") as file:
                file.write(encoded.tobytes())
            done(number + 1)
        aside.rename(plan.folder)
    except BaseException:
        shutil.rmtree(aside, ignore_errors=True)
        raise
    sync_folder(plan.folder.parent)
    _forget_old(plan.folder)


def _forget_old(newest: Path) -> None:
    """Keep these sheets and the ones before them, which open pages may still load from; nothing that a killed build left."""
    folders = [path for path in newest.parent.iterdir() if path.is_dir() and path != newest]
    complete = [path for path in folders if not path.name.endswith(PART_SUFFIX)]
    kept = sorted(complete, key=lambda path: path.stat().st_mtime, reverse=True)[: KEPT - 1]
    for path in folders:
        if path not in kept:
            shutil.rmtree(path, ignore_errors=True)


@dataclass(slots=True)
class SpriteBuild:
    """Sheets being drawn: `done` of `plan.sheets`; `problem` is what stopped it, or ""."""

    plan: Plan
    done: int = 0
    problem: str = ""


_builds: dict[str, SpriteBuild] = {}
_lock = threading.Lock()


def ensure_sheets(loaded: Loaded, plan: Plan) -> SpriteBuild | None:
    """None when the sheets are there; else how far they are, having begun to make them if nobody had."""
    if plan.folder.is_dir():
        return None
    with _lock:
        build = _builds.get(plan.key)
        if build is None or build.problem:
            problem = build.problem if build else ""
            build = _builds[plan.key] = SpriteBuild(plan)
            BackgroundThread("sprite-build", _run, loaded.index, build).start()
            if problem:  # reported once, while it is tried again
                return SpriteBuild(plan, problem=problem)
    return build


def _run(index: Index, build: SpriteBuild) -> None:
    plan = build.plan

    def done(sheets: int) -> None:
        build.done = sheets

    try:
        plan.folder.parent.mkdir(parents=True, exist_ok=True)
        # Another worker of the same site may be at it already: wait for its sheets instead of drawing them twice.
        with FileLock(plan.folder.parent / "build.lock", timeout=600).acquire(cancel_check=is_stopping):
            if not plan.folder.is_dir():
                write_sheets(index, plan, done)
    except (OSError, Timeout) as error:
        check_stopping()
        logger.error("The map's sheets could not be made in %s: %s", plan.folder.parent, error)
        build.problem = f"{plan.folder.parent} cannot be written: {error}"
        return
    with _lock:
        _builds.pop(plan.key, None)


def sheet_info(plan: Plan, url: Callable[[str, int], str]) -> dict[str, Any]:
    """What a browser must know of the sheets."""
    return {"cell": plan.cell, "side": SHEET, "urls": [url(plan.key, number) for number in range(plan.sheets)]}
