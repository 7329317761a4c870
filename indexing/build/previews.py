"""The folder of previews: which files are items, and what their bytes are."""

import hashlib
import os
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from imaging.headers import picture_kind
from indexing.errors import ImagesError
from indexing.index.item_ids import is_item_id

SUFFIX: Final = ".jpg"
# The article left out files under 10,000 bytes, which its shop used for "no picture". Small previews are as small as that
# (ours of 250 × 250 pixels are 5 to 15 KB), so only what can hardly be a picture at all is left out unless asked.
MIN_BYTES: Final = 1_000
MAX_BYTES: Final = 50_000_000
_WINDOW: Final = 4096
_PICTURES: Final = (".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".avif", ".gif", ".bmp", ".tif", ".tiff")
_SHOWN: Final = 3


@dataclass(frozen=True, slots=True)
class Preview:
    """An item's picture file."""

    item_id: str
    path: Path


@dataclass(frozen=True, slots=True)
class Scan:
    """What reading a preview gave. sha256: hex, of its bytes; reason: why it cannot be used. One of the two is None.

    is_jpeg: whether its bytes begin like a JPEG, whose pixels do not depend on the decoder's version.
    """

    preview: Preview
    sha256: str | None
    reason: str | None
    is_jpeg: bool = False


def list_previews(folder: Path) -> tuple[list[Preview], dict[str, str]]:
    """The previews in `folder`, by ItemID; and the names of other files with why they are none. Hidden files are not mentioned.

    Raises ImagesError when there is no such folder, or nothing in it.
    """
    way_out = "`python manage.py scrape SOURCE` fills it, `python manage.py scrape demo` with the demo shop's."
    try:
        names = sorted(entry.name for entry in os.scandir(folder))
    except FileNotFoundError:
        raise ImagesError(f"There is no folder of previews {folder}: {way_out}") from None
    except OSError as error:
        raise ImagesError(f"The folder of previews {folder} cannot be read: {error.strerror}.") from None
    previews: list[Preview] = []
    others: dict[str, str] = {}
    for name in names:
        item_id = name.removesuffix(SUFFIX)
        if not name.endswith(SUFFIX):
            if not name.startswith("."):
                others[name] = _wrong_suffix(name)
        elif not is_item_id(item_id):
            others[name] = "its name is not an ItemID (letters, digits, '.', '_', '-', at most 64)"
        else:
            previews.append(Preview(item_id, folder / name))
    if not previews:
        instead = _other_pictures(others, folder) or f": {way_out}"
        raise ImagesError(f"There is no preview (<ItemID>{SUFFIX}) in {folder}{instead}")
    return sorted(previews, key=lambda preview: preview.item_id), others


def _wrong_suffix(name: str) -> str:
    path = Path(name)
    is_picture = path.suffix.lower() in _PICTURES and is_item_id(path.stem)
    rename = f": a picture, rename it to {path.stem}{SUFFIX}" if is_picture else ""
    return f"not named <ItemID>{SUFFIX}{rename}"


def _other_pictures(names: Iterable[str], folder: Path) -> str:
    """What to do with the pictures of a folder that have other names; "" where there are none."""
    pictures = [name for name in names if Path(name).suffix.lower() in _PICTURES]
    if not pictures:
        return ""
    shown = ", ".join(pictures[:_SHOWN]) + (f" and {len(pictures) - _SHOWN} more" if len(pictures) > _SHOWN else "")
    return (
        f", but there is {shown}: rename them to end in {SUFFIX}, "
        f"or take them in by `python manage.py import_products --images {folder}`, which makes previews of them."
    )


def read_preview(path: Path, min_bytes: int = 0) -> tuple[bytes | None, str | None]:
    """The file's bytes, or None and why not. What cannot be a preview by its size is not read."""
    try:
        if not path.is_file():
            return None, "not a file"
        size = path.stat().st_size
        if size < min_bytes:
            return None, f"{size} bytes, fewer than --min-bytes {min_bytes}"
        if size > MAX_BYTES:
            return None, f"{size} bytes, more than {MAX_BYTES // 1_000_000} million"
        return path.read_bytes(), None
    except OSError as error:
        return None, f"cannot be read: {error.strerror}"


def scan_previews(
    previews: Iterable[Preview], min_bytes: int, threads: int, done: Callable[[int], None] | None = None
) -> list[Scan]:
    """Each preview's digest or why it has none, in the order given. `done` is called with how many more are scanned."""

    def scan(preview: Preview) -> Scan:
        data, reason = read_preview(preview.path, min_bytes)
        if data is None:
            return Scan(preview, None, reason)
        return Scan(preview, hashlib.sha256(data).hexdigest(), None, picture_kind(data) == "jpeg")

    to_scan = list(previews)
    scanned: list[Scan] = []
    with ThreadPoolExecutor(threads) as pool:
        for start in range(0, len(to_scan), _WINDOW):  # map takes all its input at once: not a million files
            for result in pool.map(scan, to_scan[start : start + _WINDOW]):
                scanned.append(result)
                if done is not None:
                    done(1)
    return scanned
