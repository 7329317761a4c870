"""Draw the photos to try on the photo page: `python -m demo.samples`, which made what is committed under static/photo/samples.

None of them is in the demo catalogue: a search with one finds what is like it, not itself.
"""

from pathlib import Path
from typing import Final

import cv2
import numpy as np

from demo.drawing import EMOJI_FAMILIES, draw, random_spec

OUT: Final = Path(__file__).resolve().parents[1] / "static" / "photo" / "samples"
SIDE: Final = 400
QUALITY: Final = 82
# name: (family, seed); the seed decides cut, cloth and print.
SAMPLES: Final = {
    "cat": ("cats", 1001),
    "dolphin": ("sea life", 1004),
    "flower": ("flowers", 1002),
    "stripes": ("stripes", 1003),
    "tie-dye": ("tie-dye", 1003),
    "pineapple": ("fruit", 1004),
}


def write(out: Path) -> None:
    """Write <name>.jpg for each of SAMPLES. Raises FontMissingError without the emoji font."""
    out.mkdir(parents=True, exist_ok=True)
    for name, (family, seed) in SAMPLES.items():
        first = seed - 1000
        glyphs = sorted(EMOJI_FAMILIES.get(family, ()))[first : first + 3]
        picture = np.ascontiguousarray(draw(random_spec(np.random.default_rng(seed), family, glyphs), SIDE)[..., ::-1])
        encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1])[1]
        (out / f"{name}.jpg").write_bytes(encoded.tobytes())


if __name__ == "__main__":
    write(OUT)
