"""Printed words: slogans of our own, set in fonts that Debian calls free (Liberation, OFL; DejaVu, Bitstream Vera licence)."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

_FOLDER = Path("/usr/share/fonts/truetype")
FACES: dict[str, str] = {
    "grotesque": "liberation/LiberationSans-Bold.ttf",
    "narrow": "liberation/LiberationSansNarrow-Bold.ttf",
    "slanted": "liberation/LiberationSans-BoldItalic.ttf",
    "book": "liberation/LiberationSerif-Bold.ttf",
    "italic": "liberation/LiberationSerif-BoldItalic.ttf",
    "typewriter": "liberation/LiberationMono-Bold.ttf",
    "wide": "dejavu/DejaVuSans-Bold.ttf",
    "slab": "dejavu/DejaVuSerif-Bold.ttf",
}
SLOGANS: tuple[tuple[str, ...], ...] = (
    ("SLOW", "MORNINGS"),
    ("ONE MORE", "CHAPTER"),
    ("less", "but", "better"),
    ("OFF", "THE MAP"),
    ("HELLO", "AGAIN"),
    ("rain", "or shine"),
    ("NOT", "TODAY"),
    ("MADE", "OF TEA"),
    ("WEEKEND", "CLUB"),
    ("good", "enough"),
    ("KEEP", "IT", "ODD"),
    ("SEE YOU", "OUTSIDE"),
    ("NORTH", "NORTH", "WEST"),
    ("stay", "curious"),
    ("SUNDAY", "PEOPLE"),
    ("MORE", "BIKES"),
    ("no signal",),
    ("PLAN B",),
    ("SALT", "& SEA"),
    ("EARLY", "BIRD"),
    ("NIGHT", "SHIFT"),
    ("borrowed", "time"),
    ("HOME", "TEAM"),
    ("WORK", "IN", "PROGRESS"),
    ("LOST", "& FOUND"),
    ("almost", "famous"),
    ("DEPT. OF", "NAPS"),
    ("RUN", "SLOWLY"),
    ("MIND", "THE GAP"),
    ("QUIET", "RIOT", "CLUB"),
    ("EST.", "YESTERDAY"),
    ("out of", "office"),
    ("BE KIND",),
    ("YES", "AND"),
    ("TAKE", "THE", "STAIRS"),
    ("SOFT", "FOCUS"),
    ("READ", "ALOUD"),
    ("HAND", "MADE"),
)
SYLLABLES = (
    "ka",
    "lo",
    "mi",
    "ra",
    "to",
    "ne",
    "su",
    "vel",
    "dor",
    "an",
    "pix",
    "or",
    "ban",
    "tu",
    "sel",
    "gri",
    "ho",
    "wen",
    "fi",
    "zan",
)


@lru_cache(maxsize=64)
def font(face: str, size: int) -> ImageFont.FreeTypeFont:
    """A face at a size in pixels; Pillow's own built-in face where the font is not installed."""
    path = _FOLDER / FACES[face]
    if not path.exists():
        built_in = ImageFont.load_default(size)
        assert isinstance(built_in, ImageFont.FreeTypeFont)
        return built_in
    return ImageFont.truetype(str(path), size, layout_engine=ImageFont.Layout.BASIC)


def line_mask(text: str, face: str, height: int, spacing: float = 0.0) -> NDArray[np.uint8]:
    """One line of words as coverage, uint8 (h, w), cropped to its ink; `spacing` in ems between letters."""
    letters = font(face, height)
    pieces = list(text) if spacing else [text]
    width = sum(letters.getlength(piece) + spacing * height for piece in pieces)
    picture = Image.new("L", (int(width) + height, height * 2), 0)
    pen, x = ImageDraw.Draw(picture), height * 0.3
    for piece in pieces:
        pen.text((x, height * 0.3), piece, font=letters, fill=255)
        x += letters.getlength(piece) + spacing * height
    box = picture.getbbox() or (0, 0, 2, 2)
    return np.asarray(picture.crop(box))


def invented_word(rng: np.random.Generator) -> str:
    """A word that means nothing, for drawings whose words should never repeat."""
    return "".join(str(rng.choice(SYLLABLES)) for _ in range(int(rng.integers(2, 4))))
