"""From a shop's answer to a preview on disk: checked, a JPEG, whole or not there at all."""

import struct
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from recommender.files import atomic_write
from scraping.errors import PictureError

PICTURE_TYPES: Final = "image/jpeg,image/png;q=0.9,image/webp;q=0.9,image/*;q=0.5,*/*;q=0.1"
SMALLEST_SIDE: Final = 16  # pixels; smaller ones are spacers and tracking dots
MOST_PIXELS: Final = 60_000_000
QUALITY: Final = 92
_MAGIC: Final = (
    (b"\xff\xd8\xff", "jpeg"), (b"\x89PNG\r\n\x1a\n", "png"), (b"GIF87a", "gif"), (b"GIF89a", "gif"), (b"BM", "bmp"),
    (b"II*\0", "tiff"), (b"MM\0*", "tiff"),
)  # fmt: skip


def preview_jpeg(body: bytes, content_type: str = "") -> bytes:
    """The bytes to store for a downloaded picture: the shop's own where they are a JPEG, else the picture made into one.

    Transparent parts become white. Raises PictureError for what is no picture, not whole, too small or too large.
    """
    kind = picture_kind(body)
    if kind is None:
        stated = content_type.partition(";")[0].strip().lower()
        what = (
            "an HTML page" if body[:512].lstrip().lower().startswith((b"<html", b"<!doctype")) else stated or "something else"
        )
        raise PictureError("not a picture", f"it is {what}" if body else "it is empty")
    if not is_whole(body, kind):
        raise PictureError("truncated", f"the {kind.upper()} of {len(body):,} bytes has no end")
    size = stated_size(body, kind)
    if size and size[0] * size[1] > MOST_PIXELS:
        raise PictureError("too large", f"{size[0]} × {size[1]} pixels")
    pixels = _decode(body, colour_only=kind == "jpeg")
    if pixels is None:
        raise PictureError("cannot be decoded", f"{kind.upper()} of {len(body):,} bytes")
    if min(pixels.shape[:2]) < SMALLEST_SIDE:
        raise PictureError("too small", f"{pixels.shape[1]} × {pixels.shape[0]} pixels")
    return body if kind == "jpeg" else _jpeg(pixels)


def picture_kind(body: bytes) -> str | None:
    """The format that the first bytes tell, whatever the server calls it; None for no picture."""
    for magic, kind in _MAGIC:
        if body.startswith(magic):
            return kind
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "webp"
    if body[4:8] == b"ftyp" and body[8:12] in {b"avif", b"avis"}:
        return "avif"
    return None


def is_whole(body: bytes, kind: str) -> bool:
    """Whether a picture's end is there. OpenCV fills a cut JPEG with grey and says nothing, so this must be asked apart."""
    if kind == "jpeg":
        start = _start_of_scan(body)
        # Past the start of the scan 0xFF is stuffed, so this is the real end and not that of a thumbnail inside the header.
        return start is not None and body.find(b"\xff\xd9", start) != -1
    if kind == "png":
        return b"IEND" in body[-64:]
    if kind == "webp":
        return len(body) >= int(struct.unpack("<I", body[4:8])[0])
    return True


def stated_size(body: bytes, kind: str) -> tuple[int, int] | None:
    """Width and height in pixels as the header states them, read without decoding; None where we cannot tell."""
    if kind == "png" and len(body) >= 24:
        return struct.unpack(">II", body[16:24])
    if kind == "gif" and len(body) >= 10:
        return struct.unpack("<HH", body[6:10])
    if kind == "jpeg":
        for marker, at in _segments(body):
            if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC} and len(body) >= at + 9:
                height, width = struct.unpack(">HH", body[at + 5 : at + 9])
                return width, height
    if kind == "webp" and len(body) >= 30 and body[12:16] == b"VP8X":
        return 1 + int.from_bytes(body[24:27], "little"), 1 + int.from_bytes(body[27:30], "little")
    return None


def write_preview(folder: Path, item_id: str, body: bytes) -> Path:
    """Write `<item_id>.jpg`, complete or not at all. Raises OSError."""
    target = folder / f"{item_id}.jpg"
    with atomic_write(target) as file:
        file.write(body)
    return target


def _segments(body: bytes) -> list[tuple[int, int]]:
    """(marker, offset of its 0xFF) of a JPEG's header, up to and with the first start of scan."""
    found: list[tuple[int, int]] = []
    at = 2
    while at + 4 <= len(body) and body[at] == 0xFF:
        marker = body[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        found.append((marker, at))
        if marker == 0xDA:
            break
        at += 2 + int.from_bytes(body[at + 2 : at + 4], "big")
    return found


def _start_of_scan(body: bytes) -> int | None:
    return next((at for marker, at in _segments(body) if marker == 0xDA), None)


def _decode(body: bytes, *, colour_only: bool) -> NDArray[np.uint8] | None:
    try:
        pixels = cv2.imdecode(np.frombuffer(body, np.uint8), cv2.IMREAD_COLOR if colour_only else cv2.IMREAD_UNCHANGED)
    except cv2.error:
        return None
    if pixels is None:
        return None
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    return pixels if pixels.dtype == np.uint8 else None


def _jpeg(pixels: NDArray[np.uint8]) -> bytes:
    if pixels.ndim == 3 and pixels.shape[2] == 4:
        alpha = pixels[:, :, 3:].astype(np.float32) / 255
        pixels = np.rint(pixels[:, :, :3] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    ok, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not ok:
        raise PictureError("cannot be made a JPEG")
    return bytes(encoded)
