"""The size of a picture on disk, from its first bytes."""

from pathlib import Path
from typing import Final

from imaging.headers import size

_FIRST_BYTES: Final = 1 << 18  # EXIF and colour profiles stand before a JPEG's size, 64 KiB a piece


def picture_size(path: Path) -> tuple[int, int] | None:
    """(width, height) in pixels, turned upright; None where there is no file or its header cannot be read."""
    try:
        with path.open("rb") as file:
            return size(file.read(_FIRST_BYTES))
    except OSError:
        return None
