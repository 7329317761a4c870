"""From an encoded picture's bytes to pixels: the one way that scraping, building and the site decode.

JPEG, WebP and BMP by OpenCV: what builds read are JPEGs, and their vectors depend on each pixel. PNG, AVIF, GIF and TIFF by
Pillow, which scales 16-bit samples and deep AVIF, knows every kind of palette and transparency, and takes less memory.
"""

import ctypes
import io
import struct
import sys
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from typing import TYPE_CHECKING, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from imaging.formats import png, webp
from imaging.headers import Header, MalformedError, examine, read_header
from imaging.pixels import bands, half, on_white, upright

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS: Final = 50_000_000
MAX_MEMORY: Final = 240_000_000  # bytes that decoding one picture may take at its peak
PREVIEW_QUALITY: Final = 92
_SMALL: Final = 4_000_000  # pixels
# What codecs and Pillow raise for damaged data. cv2.error is memory that is not to be had, too.
_FAILURES: Final = (
    cv2.error, MemoryError, OSError, ValueError, SyntaxError, LookupError, TypeError, AttributeError, ArithmeticError,
    struct.error, EOFError, RuntimeError, NotImplementedError, zlib.error,
)  # fmt: skip
# Several threads may decode at once; only one of them a picture of more than this, so that their memory does not add up.
_LARGE: Final = MAX_MEMORY // 6
_large_lock: Final = threading.Lock()

# OpenCV prints a line for every picture that it cannot read; ours are reported once, with the item's name, by who decodes them.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def refusal(data: bytes) -> str | None:
    """Why `data` must not be decoded, from its header alone, or None. A small file can claim to be a huge picture."""
    if not data:
        return "empty file"
    try:
        header = examine(data)
    except MalformedError:
        header = None
    if header is None:
        return "not a JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF picture"
    return header_refusal(header)


def header_refusal(header: Header) -> str | None:
    """Why a picture of this header must not be decoded, or None."""
    if header.width < 1 or header.height < 1:
        return "a picture without pixels"
    return too_large(header) or header.problem or None


def too_large(header: Header) -> str | None:
    """Why a picture of this header would take too much memory, or None."""
    width, height = header.width, header.height
    if width * height > MAX_PIXELS:
        return f"{width} × {height} pixels, more than {MAX_PIXELS // 1_000_000} million"
    if min(header.memory, header.halved_memory or header.memory) > MAX_MEMORY:
        return f"{width} × {height} pixels, which as this {header.kind.upper()} take more than {MAX_MEMORY // 1_000_000} MB"
    return None


def decode(data: bytes, *, fast: bool = False) -> NDArray[np.uint8] | None:
    """An encoded picture → uint8 BGR (height, width, 3), or None when it is refused (see `refusal`), cut off or damaged.

    Upright; transparent parts are white; grey has three channels; of an animation or of several pages, the first. Where all
    of a large picture would not fit into `MAX_MEMORY`, half its width and height; with `fast`, half of every JPEG.
    """
    try:
        header = examine(data)
    except MalformedError:
        return None
    if header is None or not header.whole or header_refusal(header) is not None:
        return None
    halve = header.memory > MAX_MEMORY or (fast and header.kind == "jpeg")
    memory = header.halved_memory if halve else header.memory
    with _large() if memory > _LARGE else nullcontext():
        try:
            return _READERS[header.kind](data, header, halve)
        except _FAILURES:
            return None


@contextmanager
def _large() -> Iterator[None]:
    """One at a time, and what it took goes back to the system."""
    with _large_lock:
        yield
        # glibc keeps freed blocks of up to 32 MB, Pillow's among them, for each thread that it had them for.
        if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
            trim(0)


def decode_as_preview(data: bytes) -> NDArray[np.uint8] | None:
    """`decode`, for comparing with previews: a cut-out goes through the JPEG that is stored of it.

    A JPEG rings along an edge that is cut out against white, enough to be seen in a vector. So a cut-out has distance 0 to
    its own preview.
    """
    pixels, header = decode(data), read_header(data)
    if pixels is None or header is None or not header.transparent or pixels.size > 3 * _SMALL:
        return pixels
    stored = encode_jpeg(pixels)
    return pixels if stored is None else decode(stored)


def encode_jpeg(pixels: NDArray[np.uint8]) -> bytes | None:
    """uint8 BGR (h, w, 3) → the JPEG that is stored as a preview; None where it cannot be made (a side above 65,500)."""
    try:
        done, encoded = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, PREVIEW_QUALITY])
    except (cv2.error, MemoryError):
        return None
    return bytes(encoded) if done else None


def _by_opencv(data: bytes, header: Header, halve: bool) -> NDArray[np.uint8] | None:
    pixels = _imdecode(data, halve=halve, clear=header.transparent)
    return None if pixels is None else upright(pixels, header.orientation)


def _webp(data: bytes, header: Header, halve: bool) -> NDArray[np.uint8] | None:
    """The picture is taken out of its container first: there, OpenCV would keep every layer of an animation's canvas."""
    still = webp.first_still(data)
    if still is None:
        return None
    pixels = _imdecode(webp.encode(still), halve=halve, clear=still.transparent)
    if pixels is None:
        return None
    if (still.width, still.height) != (header.width, header.height):  # an animation, which is never halved
        canvas = np.full((header.height, header.width, 3), 255, np.uint8)
        canvas[still.top : still.top + still.height, still.left : still.left + still.width] = pixels
        pixels = canvas
    return upright(pixels, header.orientation)


def _imdecode(data: bytes, *, halve: bool, clear: bool) -> NDArray[np.uint8] | None:
    colour = cv2.IMREAD_REDUCED_COLOR_2 if halve else cv2.IMREAD_COLOR
    flags = cv2.IMREAD_UNCHANGED if clear else colour | cv2.IMREAD_IGNORE_ORIENTATION
    pixels = cv2.imdecode(np.frombuffer(data, np.uint8), flags)
    if pixels is None:
        return None
    decoded: NDArray[np.uint8] = pixels
    return on_white(decoded) if decoded.shape[2] == 4 else decoded


def _by_pillow(data: bytes, header: Header, halve: bool) -> NDArray[np.uint8] | None:
    pixels = _pillow_pixels(png.still(data) if header.kind == "png" else data, header, halve)
    turned = header.kind == "tiff"  # by Pillow, while it reads
    return pixels if pixels is None or turned else upright(pixels, header.orientation)


def _pillow_pixels(data: bytes, header: Header, halve: bool) -> NDArray[np.uint8] | None:
    from PIL import Image

    try:
        opened = Image.open(io.BytesIO(data), formats=[header.kind])
    except Image.DecompressionBombError:  # it reads a larger size than we do
        return None
    with opened as image:
        image.load()
        if header.kind == "png":
            _scale_transparent_grey(image, data)
        width, height = image.size
        if (width, height) != (header.size if header.kind == "tiff" else (header.width, header.height)):
            return None
        scale = 2 if halve else 1
        pixels = np.empty((-(-height // scale), -(-width // scale), 3), np.uint8)
        for rows in bands(width, height):
            band = _bgr(image.crop((0, rows.start, width, rows.stop)))
            if band is None:
                return None
            pixels[rows.start // scale : -(-rows.stop // scale)] = half(band) if halve else band
    return pixels


def _scale_transparent_grey(image: "Image.Image", data: bytes) -> None:
    """Pillow scales greys of 2 and 4 bits to 8, but not the one that is transparent."""
    clear, (depth, colour) = image.info.get("transparency"), data[24:26]
    if isinstance(clear, int) and colour == 0 and depth in (2, 4):
        image.info["transparency"] = clear * 255 // ((1 << depth) - 1)


def _bgr(band: "Image.Image") -> NDArray[np.uint8] | None:
    """Pillow's rows as uint8 BGR (h, w, 3) on white; None for samples of 32 bits and fractions."""
    if band.mode.startswith("I;16"):
        grey = np.asarray(band)
        seen = (grey >> 8).astype(np.uint8)
        clear = band.info.get("transparency")
        if isinstance(clear, int):
            seen[grey == clear] = 255
        return np.repeat(seen[:, :, None], 3, axis=2)
    if band.mode in ("I", "F"):
        return None
    if band.has_transparency_data:
        return on_white(np.asarray(band.convert("RGBA"))[:, :, [2, 1, 0, 3]])
    return np.asarray(band.convert("RGB"))[:, :, ::-1]


_READERS: Final = {
    "jpeg": _by_opencv,
    "bmp": _by_opencv,
    "webp": _webp,
    "png": _by_pillow,
    "avif": _by_pillow,
    "gif": _by_pillow,
    "tiff": _by_pillow,
}
