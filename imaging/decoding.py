"""From an encoded picture's bytes to pixels, by OpenCV."""

from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from imaging.headers import read_header

MAX_PIXELS: Final = 50_000_000

# OpenCV prints a line for every picture that it cannot read; ours are reported once, with the item's name, by who decodes them.
cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)


def refusal(data: bytes) -> str | None:
    """Why `data` must not be decoded, from its header alone, or None. A small file can claim to be a huge picture."""
    if not data:
        return "empty file"
    header = read_header(data)
    if header is None:
        return "not a JPEG, PNG, WebP, AVIF, GIF, BMP or TIFF picture"
    if header.width < 1 or header.height < 1:
        return "a picture without pixels"
    if header.width * header.height > MAX_PIXELS:
        return f"{header.width} × {header.height} pixels, more than {MAX_PIXELS // 1_000_000} million"
    return header.problem or None


def decode(data: bytes) -> NDArray[np.uint8] | None:
    """An encoded picture → uint8 BGR (height, width, 3), or None when it cannot be read or is refused (see `refusal`).

    Turned upright by its EXIF orientation, as OpenCV does by default; transparency is dropped, grey becomes three channels.
    """
    if refusal(data) is not None:
        return None
    try:
        picture = cv2.imdecode(np.frombuffer(data, dtype=np.uint8), cv2.IMREAD_COLOR)
    except cv2.error:  # larger than OpenCV's own limit, or a broken codec stream
        return None
    if picture is None:
        return None
    pixels: NDArray[np.uint8] = picture
    return pixels
