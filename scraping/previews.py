"""From a shop's answer to a preview on disk: checked, a JPEG, whole or not there at all."""

from pathlib import Path
from typing import Final

from imaging.decoding import decode, encode_jpeg, header_refusal, too_large
from imaging.headers import CutOffError, Header, MalformedError, examine, picture_kind
from recommender.files import atomic_write
from scraping.errors import PictureError

PICTURE_TYPES: Final = "image/jpeg,image/png;q=0.9,image/webp;q=0.9,image/*;q=0.5,*/*;q=0.1"
SMALLEST_SIDE: Final = 16  # pixels; smaller ones are spacers and tracking dots


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
    _check(body, kind)
    pixels = decode(body)
    if pixels is None:
        raise PictureError("cannot be decoded", f"{kind.upper()} of {len(body):,} bytes")
    if min(pixels.shape[:2]) < SMALLEST_SIDE:
        raise PictureError("too small", f"{pixels.shape[1]} × {pixels.shape[0]} pixels")
    made = body if kind == "jpeg" else encode_jpeg(pixels)
    if made is None:
        raise PictureError("cannot be made a JPEG", f"{pixels.shape[1]} × {pixels.shape[0]} pixels")
    return made


def _check(body: bytes, kind: str) -> None:
    """Raises PictureError for what must not be decoded."""
    header: Header | None = None
    try:
        header = examine(body)
    except CutOffError:
        pass
    except MalformedError as error:
        raise PictureError("cannot be decoded", f"{kind.upper()} of {len(body):,} bytes: {error}") from None
    if header is not None and (large := too_large(header)):
        raise PictureError("too large", large)
    if header is None or not header.whole:
        raise PictureError("truncated", f"the {kind.upper()} of {len(body):,} bytes has no end")
    if refused := header_refusal(header):
        raise PictureError("cannot be decoded", refused)


def write_preview(folder: Path, item_id: str, body: bytes) -> Path:
    """Write `<item_id>.jpg`, complete or not at all. Raises OSError."""
    target = folder / f"{item_id}.jpg"
    with atomic_write(target) as file:
        file.write(body)
    return target
