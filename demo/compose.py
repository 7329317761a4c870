"""Where prints stand: one picture on the chest, a few together, a badge, a caption, or the same again all over."""

import numpy as np
from numpy.typing import NDArray

from demo import patterns, prints
from demo.fabric import Colour
from demo.spec import Print

Field = NDArray[np.floating]


def all_over(printed: Print, base: Colour, side: int) -> Field | None:
    """The sheet of an all-over pattern, or None when the print stands on the chest only."""
    if printed.layout in patterns.PATTERNS:
        return patterns.pattern(printed.layout, base, printed.inks, printed.variant, printed.size, printed.seed, side)
    if printed.layout != "repeat":
        return None
    sheet = prints.blank(side)
    rng = np.random.default_rng(printed.seed)
    pictures = [prints.picture_of(glyph, printed.style, printed.inks) for glyph in printed.glyphs]
    pitch = 0.20 + 0.20 * printed.size
    step = side / (2 * patterns.REACH)
    tile, turned = pitch * step, bool(printed.variant % 2)
    rows = int(2 * patterns.REACH / (pitch * 0.8)) + 1
    stamps = [_stamp(picture, tile * 0.68, angle) for picture in pictures for angle in ((-18, 0, 18) if turned else (0,))]
    for row in range(rows):
        for column in range(rows + 1):
            stamp = stamps[int(rng.integers(len(stamps))) if turned else (row + column) % len(stamps)]
            half = stamp.shape[0] // 2
            x, y = round((column + (0.5 if row % 2 else 0.0)) * tile), round((row + 0.4) * tile * 0.8)
            if half <= x < side - half and half <= y < side - half:
                area = sheet[y - half : y - half + stamp.shape[0], x - half : x - half + stamp.shape[0]]
                area *= 1 - stamp[..., 3:]
                area += stamp
    return (np.array(base, np.float32) * (1 - sheet[..., 3:]) + sheet[..., :3] * 255).astype(np.float32)


def _stamp(picture: Field, length: float, turn: float) -> Field:
    sheet = prints.blank(round(length * 1.35) // 2 * 2)
    prints.lay(sheet, picture, (sheet.shape[0] / 2, sheet.shape[0] / 2), length, turn)
    return sheet


def chest(printed: Print) -> tuple[Field, float, float, float] | None:
    """A chest print: the sheet, its centre (x, y) and width in shirt units; None for all-over prints and plain cloth."""
    big = 0.60 + 0.16 * printed.size
    sheet = prints.blank()
    middle = (128.0, 128.0)
    if printed.layout == "words":
        return prints.words(printed.text, printed.face, printed.inks, printed.variant), 0.0, -0.16, 0.68 + 0.18 * printed.size
    if printed.layout not in ("single", "group", "chest", "caption", "badge"):
        return None
    pictures = [prints.picture_of(glyph, printed.style, printed.inks) for glyph in printed.glyphs]
    if printed.layout == "chest":
        prints.lay(sheet, pictures[0], middle, 240)
        return sheet, 0.24, -0.33, 0.17 + 0.06 * printed.size
    if printed.layout == "badge":
        prints.backing(sheet, printed.variant, printed.inks, middle, 124)
        prints.lay(sheet, pictures[0], middle, 150)
        return sheet, 0.0, -0.12, big + 0.02
    if printed.layout == "caption":
        if printed.variant % 3 == 0:
            prints.lay(sheet, pictures[0], (128, 158), 160)
            prints.arch(sheet, printed.text[0], printed.face, printed.inks[0], (128, 168), 128, 30)
        else:
            prints.lay(sheet, pictures[0], (128, 100), 180)
            prints.caption(sheet, printed.text[0], printed.face, printed.inks[0], (128, 222), 230, 40)
        return sheet, 0.0, -0.12, big + 0.02
    if printed.layout == "group":
        spots = _spots(len(pictures), printed.variant)
        for picture, (x, y, length, turn) in zip(pictures, spots, strict=False):
            prints.lay(sheet, picture, (x, y), length, turn)
        return sheet, 0.0, -0.12, big + (0.12 if len(pictures) == 3 else 0.06)
    prints.lay(sheet, pictures[0], middle, 246, 0.0)
    return sheet, 0.0, -0.10, big


def _spots(count: int, variant: int) -> tuple[tuple[float, float, float, float], ...]:
    if count < 2:
        return ((128, 128, 240, 0),)
    if count == 2:
        return ((72, 128, 120, 6), (184, 128, 120, -6)) if variant % 2 else ((92, 96, 150, 8), (174, 178, 130, -8))
    row = ((42, 128, 84, 0), (128, 128, 84, 0), (214, 128, 84, 0))
    pyramid = ((128, 68, 116, 0), (66, 180, 116, 8), (190, 180, 116, -8))
    column = ((128, 44, 82, 0), (128, 128, 82, 0), (128, 212, 82, 0))
    return (pyramid, row, pyramid, column)[variant % 4]
