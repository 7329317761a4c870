"""Fabric and ground colours, and the weave of cloth."""

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

Colour = tuple[int, int, int]
Field = NDArray[np.floating]

# sRGB, as a shop's photograph shows the cloth in even light.
FABRICS: dict[str, Colour] = {
    "white": (243, 242, 239),
    "black": (31, 31, 35),
    "grey": (168, 170, 174),
    "charcoal": (75, 77, 84),
    "navy": (33, 43, 80),
    "blue": (46, 90, 172),
    "sky": (152, 194, 226),
    "red": (190, 38, 44),
    "burgundy": (110, 28, 48),
    "orange": (228, 116, 48),
    "mustard": (216, 168, 58),
    "green": (36, 104, 70),
    "mint": (172, 216, 194),
    "olive": (106, 108, 66),
    "teal": (30, 124, 132),
    "pink": (238, 172, 188),
    "purple": (110, 76, 148),
    "brown": (108, 76, 58),
    "sand": (218, 202, 172),
}

GROUNDS: dict[str, Colour] = {
    "white": (254, 254, 254),
    "paper": (247, 246, 243),
    "light grey": (234, 235, 237),
    "warm grey": (226, 222, 216),
    "cool grey": (216, 221, 226),
    "blush": (242, 230, 226),
    "sage": (224, 230, 221),
}

HEATHERABLE = ("grey", "charcoal", "navy", "blue", "burgundy", "green", "olive", "teal", "purple", "red", "pink", "sky")


def luminance(colour: Colour) -> float:
    """Perceived lightness of an sRGB colour, 0 (black) to 1 (white)."""
    red, green, blue = colour
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """Blend two colours; `share` of `other`."""
    a, b, c = (round(x + (y - x) * share) for x, y in zip(one, other, strict=True))
    return (a, b, c)


@lru_cache(maxsize=8)
def weave(side: int) -> Field:
    """Fine grain of jersey: float32 (side, side), mean 0, deviation 1. One field a size; callers roll it."""
    rng = np.random.default_rng(20)
    grain = rng.standard_normal((side, side)).astype(np.float32)
    grain += np.roll(grain, 1, axis=0) * 0.8
    return np.asarray(grain / grain.std(), dtype=np.float32)


@lru_cache(maxsize=8)
def melange(side: int) -> Field:
    """Short horizontal flecks of heather cloth: float32 (side, side), mean 0, deviation 1."""
    rng = np.random.default_rng(21)
    grain = rng.standard_normal((side, side)).astype(np.float32)
    flecks = sum((np.roll(grain, shift, axis=1) for shift in range(1, 7)), start=grain)
    flecks = flecks + 0.5 * np.roll(flecks, 1, axis=0)
    return np.asarray(flecks / flecks.std(), dtype=np.float32)
