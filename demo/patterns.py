"""All-over patterns: dyed, woven and printed cloth, as a sheet that covers the shirt's units from -REACH to REACH."""

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.fabric import Colour, mix

REACH = 1.1
Sheet = NDArray[np.floating]
Field = NDArray[np.floating]


def grid(side: int) -> tuple[Field, Field]:
    """Shirt coordinates of a sheet's pixels, each float32 (side, side)."""
    line = np.linspace(-REACH, REACH, side, dtype=np.float32)
    xs, ys = np.meshgrid(line, line)
    return xs, ys


def cover(inside: Field, side: int) -> Field:
    """Signed distance (positive inside, shirt units) to coverage, one pixel soft."""
    return np.asarray(np.clip(inside * (side / (2 * REACH)) + 0.5, 0, 1), dtype=np.float32)


def paint(sheet: Sheet, mask: Field, colour: Colour, opacity: float = 1.0) -> None:
    """Lay a colour over the sheet where the mask says."""
    share = (mask * opacity)[..., None]
    sheet *= 1 - share
    sheet += share * np.array(colour, dtype=np.float32)


def bands(along: Field, period: float, share: float, phase: float, side: int) -> Field:
    """Coverage of stripes: `share` of each period."""
    place = np.abs((along / period + phase) % 1 - 0.5) * period
    return cover(share * period / 2 - place, side)


def noise(rng: np.random.Generator, side: int, cells: int, stretch: float = 1.0) -> Field:
    """Smooth noise, mean 0, deviation 1."""
    coarse = rng.standard_normal((cells, max(2, round(cells * stretch)))).astype(np.float32)
    field = cv2.resize(coarse, (side, side), interpolation=cv2.INTER_CUBIC)
    return np.asarray((field - field.mean()) / field.std(), dtype=np.float32)


def stripes(sheet: Sheet, inks: tuple[Colour, ...], variant: int, size: float, rng: np.random.Generator) -> None:
    """Even, Breton, rugby, many-coloured, upright pin, graded, paired and slanting stripes."""
    side = sheet.shape[0]
    xs, ys = grid(side)
    phase = float(rng.uniform())
    period = 0.07 + 0.16 * size
    if variant == 0:
        paint(sheet, bands(ys, period, 0.5, phase, side), inks[0])
    elif variant == 1:
        paint(sheet, bands(ys, period, 0.28, phase, side), inks[0])
    elif variant == 2:
        paint(sheet, bands(ys, period * 2.4, 0.5, phase, side), inks[0])
        paint(sheet, bands(ys, period * 2.4, 0.06, phase + 0.5, side), inks[1 % len(inks)])
    elif variant == 3:
        for number, ink in enumerate(inks[:4]):
            paint(sheet, bands(ys, period * 2.6, 0.14, phase + number * 0.2, side), ink)
    elif variant == 4:
        paint(sheet, bands(xs, 0.06 + 0.08 * size, 0.2, 0.5, side), inks[0])
    elif variant == 5:
        width = np.clip((ys + 0.9) / 1.8, 0.04, 0.9)
        place = np.abs((ys / period + phase) % 1 - 0.5) * period
        paint(sheet, cover(width * period / 2 - place, side), inks[0])
    elif variant == 6:
        paint(sheet, bands(ys, period * 1.6, 0.2, phase, side), inks[0])
        paint(sheet, bands(ys, period * 1.6, 0.1, phase + 0.24, side), inks[1 % len(inks)])
    else:
        slant = (xs * 0.5 + ys) * 0.89
        paint(sheet, bands(slant, period, 0.4, phase, side), inks[0])


def dots(sheet: Sheet, inks: tuple[Colour, ...], variant: int, size: float, rng: np.random.Generator) -> None:
    """Polka dots in staggered rows, on a square grid, scattered, of growing size, rings, and of many colours."""
    side = sheet.shape[0]
    pitch = 0.085 + 0.14 * size
    radius = pitch * float(rng.uniform(0.24, 0.36))
    step = side / (2 * REACH)
    masks = [np.zeros((side, side), np.uint8) for _ in inks]
    count = int(2 * REACH / (pitch * 0.866)) + 2
    start = rng.uniform(0, pitch, 2)
    for row in range(count):
        for column in range(count + 2):
            x = -REACH + (column - 0.5 + (0.5 if row % 2 and variant != 1 else 0.0)) * pitch + start[0]
            y = -REACH + row * pitch * (1.0 if variant == 1 else 0.866) + start[1] - pitch / 2
            reach = radius
            if variant == 2:
                x, y = x + rng.uniform(-0.35, 0.35) * pitch, y + rng.uniform(-0.35, 0.35) * pitch
                reach = radius * rng.uniform(0.45, 1.25)
            elif variant == 3:
                reach = radius * (0.45 + 0.5 * (y + 1))
            which = int(rng.integers(len(inks))) if variant == 5 else 0
            at = (round((x + REACH) * step * 16), round((y + REACH) * step * 16))
            if reach > 0:
                cv2.circle(masks[which], at, round(reach * step * 16), 255, -1, cv2.LINE_AA, 4)
                if variant == 4:
                    cv2.circle(masks[which], at, round(reach * step * 16 * 0.55), 0, -1, cv2.LINE_AA, 4)
    for mask, ink in zip(masks, inks, strict=True):
        paint(sheet, mask.astype(np.float32) / 255, ink)


def checks(sheet: Sheet, inks: tuple[Colour, ...], variant: int, size: float, rng: np.random.Generator) -> None:
    """Gingham, tartan, buffalo, window-pane, chessboard and argyle."""
    side = sheet.shape[0]
    xs, ys = grid(side)
    period = 0.10 + 0.16 * size
    first, second = inks[0], inks[1 % len(inks)]
    if variant == 1:
        for field in (xs, ys):
            paint(sheet, bands(field, period * 2.6, 0.42, 0.5, side), first, 0.62)
            paint(sheet, bands(field, period * 2.6, 0.05, 0.5, side), second, 0.9)
            paint(sheet, bands(field, period * 2.6, 0.07, 0.0, side), inks[-1], 0.75)
    elif variant == 3:
        for field in (xs, ys):
            paint(sheet, bands(field, period * 1.5, 0.07, 0.5, side), first)
    elif variant == 4:
        board = np.sign(np.sin(np.pi * xs / period)) * np.sign(np.sin(np.pi * ys / period)) > 0
        paint(sheet, board.astype(np.float32), first)
    elif variant == 5:
        p, q = xs / (period * 1.3), ys / (period * 2.1)
        diamond = np.abs((p + 0.5) % 1 - 0.5) + np.abs((q + 0.5) % 1 - 0.5)
        column = (np.floor(p + 0.5) + np.floor(q + 0.5)) % 2 == 0
        paint(sheet, cover((0.5 - diamond) * period, side) * column, first)
        paint(sheet, cover((0.5 - diamond) * period, side) * ~column, second, 0.55)
        for slant in (p + q, p - q):
            paint(sheet, bands(slant, 1.0, 0.05, 0.0, side), inks[-1], 0.8)
    else:
        wide = period * (2.0 if variant == 2 else 1.0)
        dark = first if variant != 2 else mix(first, (0, 0, 0), 0.25)
        for field in (xs, ys):
            paint(sheet, bands(field, wide, 0.5, 0.25, side), dark, 0.55)


def camouflage(sheet: Sheet, inks: tuple[Colour, ...], variant: int, size: float, rng: np.random.Generator) -> None:
    """Blotches of three or four shades: soft-edged woodland, pixelated, and stretched tiger."""
    side = sheet.shape[0]
    cells = round(16 - 8 * size)
    for ink, share in zip(inks, (0.15, 0.45, 0.8, 1.0), strict=False):
        field = noise(rng, side, cells, 1.0 if variant != 2 else 0.4)
        field = field + 0.45 * noise(rng, side, cells * 2, 1.0 if variant != 2 else 0.4)
        if variant == 1:
            blocks = 64
            field = cv2.resize(
                cv2.resize(field, (blocks, blocks), interpolation=cv2.INTER_AREA), (side, side), interpolation=cv2.INTER_NEAREST
            )
        paint(sheet, (field > share).astype(np.float32), ink)


def tie_dye(sheet: Sheet, inks: tuple[Colour, ...], variant: int, size: float, rng: np.random.Generator) -> None:
    """Spiral, bullseye, sunburst, crumple and banded dye that bleeds."""
    side = sheet.shape[0]
    xs, ys = grid(side)
    x0, y0 = rng.normal(0, 0.08), rng.normal(-0.05, 0.12)
    wobble = noise(rng, side, 14) * 0.05 + noise(rng, side, 40) * 0.02
    distance = np.hypot(xs - x0, ys - y0) + wobble
    angle = np.arctan2(ys - y0, xs - x0)
    fray = noise(rng, side, 60) * 0.05
    if variant == 0:
        turns = (2.0 + 2.5 * (1 - size)) * distance
        place = angle / (2 * np.pi) * len(inks) + turns * (1 if rng.uniform() < 0.5 else -1) + fray
    elif variant == 1:
        place = distance * (3.0 + 3 * (1 - size)) + fray + 0.12 * np.sin(angle * 9)
    elif variant == 2:
        place = angle / (2 * np.pi) * len(inks) * 2 + 0.25 * np.sin(distance * 14) + fray * 2
    elif variant == 3:
        place = noise(rng, side, 7) * 0.7 + noise(rng, side, 18) * 0.35 + fray
    else:
        place = ys * (2.2 + 2 * (1 - size)) + wobble * 4 + fray + 0.1 * np.abs(np.sin(xs * 9))
    palette = np.array([*inks, inks[0]], dtype=np.float32)
    place = np.mod(place, len(inks)).astype(np.float32)
    low = np.minimum(place.astype(np.int32), len(inks) - 1)
    part = np.clip((place - low - 0.5) * 1.7 + 0.5, 0, 1)[..., None]
    dyed = palette[low] * (1 - part) + palette[low + 1] * part
    # The cloth shows through where the folds kept the dye out.
    pale = np.clip(0.35 * np.abs(np.sin(place * np.pi)) ** 6 + 0.16 * noise(rng, side, 26) - 0.05, 0, 0.6)[..., None]
    sheet[:] = dyed * (1 - pale) + np.maximum(sheet, dyed) * pale


def geometric(sheet: Sheet, inks: tuple[Colour, ...], variant: int, size: float, rng: np.random.Generator) -> None:
    """Zigzag, triangles, waves, hexagons, scattered shapes, colour blocks, half-circles and terrazzo."""
    side = sheet.shape[0]
    xs, ys = grid(side)
    period = 0.16 + 0.2 * size
    if variant == 0:
        tooth = np.abs((xs / period) % 1 - 0.5) * period
        paint(sheet, bands(ys + tooth, period * 0.8, 0.45, 0.0, side), inks[0])
    elif variant == 2:
        paint(sheet, bands(ys + 0.05 * np.sin(xs * 2 * np.pi / period), period * 0.7, 0.4, 0.0, side), inks[0])
    elif variant == 5:
        paint(sheet, cover(-(ys + 0.2 + 0.3 * xs), side), inks[0])
        paint(sheet, cover(ys - 0.35 + 0.5 * xs, side), inks[1 % len(inks)])
    elif variant == 6:
        p, q = (xs / period) % 1 - 0.5, (ys / period) % 1 - 0.5
        turned = (np.floor(xs / period) + np.floor(ys / period)) % 2 > 0
        half = np.where(turned, q, p) > 0
        paint(sheet, cover((0.42 - np.hypot(p, q)) * period, side) * half, inks[0])
    else:
        _shapes(sheet, inks, variant, period, rng)


def _shapes(sheet: Sheet, inks: tuple[Colour, ...], variant: int, period: float, rng: np.random.Generator) -> None:
    side = sheet.shape[0]
    step = side / (2 * REACH)
    masks = [np.zeros((side, side), np.uint8) for _ in inks]
    count = int(2 * REACH / period) + 2
    for row in range(count):
        for column in range(count):
            x = (column + (0.5 if row % 2 else 0.0)) * period
            y = row * period * (0.87 if variant in (1, 3) else 1.0)
            if variant in (4, 7):
                x, y = x + rng.uniform(-0.3, 0.3) * period, y + rng.uniform(-0.3, 0.3) * period
            corners = {1: 3, 3: 6, 4: int(rng.choice([3, 4, 24])), 7: int(rng.integers(4, 7))}[variant]
            reach = period * {1: 0.5, 3: 0.46, 4: rng.uniform(0.16, 0.3), 7: rng.uniform(0.12, 0.34)}[variant]
            turn = rng.uniform(0, 2 * np.pi) if variant in (4, 7) else (-np.pi / 2 if variant == 1 else np.pi / 6)
            rays = np.full(corners, reach) * (rng.uniform(0.6, 1.1, corners) if variant == 7 else 1.0)
            angles = np.arange(corners) * 2 * np.pi / corners + turn
            points = np.stack([x + rays * np.cos(angles), y + rays * np.sin(angles)], axis=1) * step
            which = int(rng.integers(len(inks)))
            cv2.fillPoly(masks[which], [np.round(points * 16).astype(np.int32)], 255, cv2.LINE_AA, 4)
    for mask, ink in zip(masks, inks, strict=True):
        paint(sheet, mask.astype(np.float32) / 255, ink)


Painter = Callable[[Sheet, tuple[Colour, ...], int, float, np.random.Generator], None]
PATTERNS: dict[str, tuple[Painter, int]] = {
    "stripes": (stripes, 8),
    "dots": (dots, 6),
    "checks": (checks, 6),
    "camouflage": (camouflage, 3),
    "tie-dye": (tie_dye, 5),
    "geometric": (geometric, 8),
}  # painter, number of variants


def pattern(kind: str, base: Colour, inks: tuple[Colour, ...], variant: int, size: float, seed: int, side: int) -> Sheet:
    """A pattern on cloth of colour `base`: float32 (side, side, 3), sRGB 0 to 255. `size` runs from 0 (fine) to 1 (bold)."""
    sheet = np.empty((side, side, 3), dtype=np.float32)
    sheet[:] = np.array(base, dtype=np.float32)
    painter, variants = PATTERNS[kind]
    painter(sheet, inks, variant % variants, size, np.random.default_rng(seed))
    return sheet
