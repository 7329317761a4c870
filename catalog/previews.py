"""Previews as browsers get them: a fitting size in a fitting format, made once and kept in `settings.CACHE_DIR`."""

import hashlib
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings

from catalog.errors import SiteError
from catalog.models import is_item_id
from recommender.files import atomic_write

logger = logging.getLogger(__name__)

WIDTHS: Final = (160, 320, 640)
_MOST_BYTES: Final = 64 * 1024 * 1024  # of a file that is read to be sent
_JPEG: Final = b"\xff\xd8\xff"
_MOST_ENCODED: Final = 4_000_000  # pixels; encoding AVIF takes 35 bytes of memory for each
_ENCODED_AS: Final = {"image/avif": ".avif", "image/webp": ".webp"}


class PreviewError(SiteError):
    """A preview's file that is no picture: empty, or something else under its name."""

    status = 404

    def __init__(self, item_id: str) -> None:
        super().__init__(f"The preview of {item_id!r} is no picture: run scrape or build_index again, they say why.")


@dataclass(frozen=True, slots=True)
class Variant:
    """Bytes to send, their type, and a tag that changes when they would."""

    data: bytes
    content_type: str
    etag: str


def preview_path(item_id: str) -> Path | None:
    """The item's preview on disk; None when there is none or `item_id` is no ItemID."""
    if not is_item_id(item_id):
        return None
    path: Path = settings.IMAGES_DIR / f"{item_id}.jpg"
    return path if path.is_file() else None


def best_type(accept: str) -> str:
    """The format to answer in, by the browser's Accept header: AVIF, WebP, else JPEG as stored."""
    offered = {part.split(";")[0].strip() for part in accept.split(",") if "q=0" not in part.replace("q=0.", "")}
    return next((content_type for content_type in _ENCODED_AS if content_type in offered), "image/jpeg")


def variant_tag(path: Path, width: int | None, content_type: str) -> str:
    """A tag of the file as it is now and of what is made of it, without reading it."""
    stat = path.stat()
    made_of = f"{path.name}|{stat.st_mtime_ns}|{stat.st_size}|{stat.st_ino}|{width}|{content_type}"
    return hashlib.sha256(made_of.encode()).hexdigest()[:32]


def read_variant(path: Path, width: int | None, content_type: str) -> Variant:
    """The preview at most `width` wide (None: as it is) in `content_type`; the stored JPEG when it cannot be converted.

    Raises OSError when the file cannot be read, PreviewError when it is no picture.
    """
    tag = variant_tag(path, width, content_type)
    if path.stat().st_size > _MOST_BYTES:
        raise PreviewError(path.stem)
    if width is None and content_type == "image/jpeg":
        stored = path.read_bytes()
        if stored.startswith(_JPEG):
            return Variant(stored, content_type, tag)
    kept = settings.CACHE_DIR / "previews" / tag[:2] / tag
    try:
        return Variant(kept.read_bytes(), content_type, tag)
    except OSError:
        pass  # not kept yet, or the cache's folder is not to be had
    original = path.read_bytes()
    made = _convert(original, width, content_type)
    if made is None:
        if not original.startswith(_JPEG):
            raise PreviewError(path.stem)
        return Variant(original, "image/jpeg", tag)
    _keep(kept, made)
    return Variant(made, content_type, tag)


def _convert(data: bytes, width: int | None, content_type: str) -> bytes | None:
    """Re-encoded bytes, or None when the picture cannot be read, or is too large to encode while a browser waits."""
    import cv2

    from imaging.decoding import decode
    from imaging.headers import size

    width_and_height = size(data)
    if width is None and width_and_height is not None and width_and_height[0] * width_and_height[1] > _MOST_ENCODED:
        return None
    picture = decode(data)
    if picture is None:
        return None
    height, full = picture.shape[:2]
    if width is not None and full > width:
        picture = cv2.resize(picture, (width, max(1, round(height * width / full))), interpolation=cv2.INTER_AREA)
    if picture.shape[0] * picture.shape[1] > _MOST_ENCODED:
        return None
    options: dict[str, list[Any]] = {
        "image/avif": [cv2.IMWRITE_AVIF_QUALITY, 62, cv2.IMWRITE_AVIF_SPEED, 9],
        "image/webp": [cv2.IMWRITE_WEBP_QUALITY, 82],
        "image/jpeg": [cv2.IMWRITE_JPEG_QUALITY, 86, cv2.IMWRITE_JPEG_PROGRESSIVE, 1],
    }
    try:
        done, encoded = cv2.imencode(_ENCODED_AS.get(content_type, ".jpg"), picture, options[content_type])
    except (cv2.error, MemoryError):  # WebP has no pictures of more than 16,383 pixels a side
        return None
    return bytes(encoded) if done else None


def _keep(path: Path, data: bytes) -> None:
    """Keep a converted preview. A full or read-only disk costs speed, not the picture."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(path) as file:
            file.write(data)
    except OSError as error:
        logger.warning("Cannot keep a converted preview in %s: %s", path.parent, error)
