"""Named colours of previews: which one a product has most of, and its small palette. From thumbnails, the ground left out."""

from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Colour:
    """A colour people name. examples: sRGB hex values that all go by that name, for one name covers light and shade."""

    name: str
    examples: tuple[str, ...]


COLOURS: Final[tuple[Colour, ...]] = (
    Colour("black", ("0c0c0e", "1e1e21", "2b2b2d")),
    Colour("grey", ("4a4b4e", "6e7072", "8f9193", "a6a8aa", "b8babc")),
    Colour("white", ("d2d3d5", "e6e7e8", "ffffff")),
    Colour("beige", ("e6d9bd", "d6c4a0", "c0aa84", "a8957a")),
    Colour("brown", ("3d2819", "5a3b25", "7a5233", "96683f")),
    Colour("red", ("6f1420", "8e1b28", "b3202c", "d2303a")),
    Colour("orange", ("c9571b", "e8742a", "f29a4a")),
    Colour("yellow", ("b98d1e", "dba92c", "f0cf4c", "f6e58c")),
    Colour("green", ("14432a", "2b6e3f", "4f9a52", "8fc27a", "aee0c0", "50562c", "75793f")),
    Colour("turquoise", ("0f5f63", "1b8487", "35aaa8", "85d2cf")),
    Colour("blue", ("1f4aa0", "2b62c8", "5b93dd", "93bfe8", "5a7396")),
    Colour("navy", ("10182f", "18224a", "141e54", "263158")),
    Colour("purple", ("3f215c", "5f3588", "8556ae", "b095d0")),
    Colour("pink", ("a8346c", "d95a90", "ee93b2", "f6bfcc")),
)
PALETTE_SIZE: Final = 5
_BITS: Final = 5
_CHUNK: Final = 512
_GROUND_DISTANCE: Final = 9.0
_LEAST_FOREGROUND: Final = 0.06
_LEAST_SHARE: Final = 0.04


def to_lab(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """(…, 3) sRGB bytes → (…, 3) CIE L*a*b* (D65): L 0 to 100, a and b about −127 to 127."""
    import cv2

    flat = np.ascontiguousarray(rgb.reshape(-1, 1, 3)).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(flat, cv2.COLOR_RGB2LAB), dtype=np.float32).reshape(rgb.shape)


@cache
def _name_table() -> NDArray[np.uint8]:
    """uint8 (32768,): the number in COLOURS of each RGB value cut to five bits a channel."""
    steps = (np.arange(1 << _BITS, dtype=np.uint8) << (8 - _BITS)) + (1 << (7 - _BITS))
    cube = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    examples = [(number, bytes.fromhex(example)) for number, colour in enumerate(COLOURS) for example in colour.examples]
    numbers = np.array([number for number, _rgb in examples], dtype=np.uint8)
    known = to_lab(np.array([list(rgb) for _number, rgb in examples], dtype=np.uint8))
    # Folds and light change lightness far more than hue, so hue says more about the name.
    weights = np.array([0.75, 1.0, 1.0], dtype=np.float32)
    distances = np.square((to_lab(cube)[:, None, :] - known[None, :, :]) * weights).sum(axis=2)
    return np.asarray(numbers[distances.argmin(axis=1)], dtype=np.uint8)


def name_numbers(rgb: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(…, 3) sRGB bytes → (…) the number in COLOURS of the nearest name, in L*a*b*."""
    cut = (rgb >> (8 - _BITS)).astype(np.intp)
    return np.asarray(_name_table()[(cut[..., 0] << 2 * _BITS) | (cut[..., 1] << _BITS) | cut[..., 2]], dtype=np.uint8)


def foreground(thumbnails: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Weights, float32 (n, side, side): how much each pixel counts as the product.

    The ground is what has the border's median colour and hangs together with the border, so that a white shirt's inside is no
    ground. It weighs nothing; the middle weighs more than the edges. Where nearly nothing is left, the middle of the picture
    stands for the product.
    thumbnails: uint8 (n, side, side, 3) RGB.
    """
    side = thumbnails.shape[1]
    lab = to_lab(thumbnails)
    edge = max(1, side // 16)
    border = np.zeros((side, side), dtype=bool)
    border[:edge], border[-edge:], border[:, :edge], border[:, -edge:] = True, True, True, True
    ground = np.median(lab[:, border], axis=1)
    like_ground = np.square(lab - ground[:, None, None, :]).sum(axis=3) < _GROUND_DISTANCE**2
    outside = np.stack([_touching(mask, border) for mask in like_ground])
    across = np.linspace(-1, 1, side, dtype=np.float32)
    middle = np.exp(-1.5 * (np.square(across)[:, None] + np.square(across)[None, :])).astype(np.float32)
    weights = np.where(outside, np.float32(0), middle)
    lost = weights.sum(axis=(1, 2)) < _LEAST_FOREGROUND * middle.sum()
    centre = middle * (np.maximum(abs(across)[:, None], abs(across)[None, :]) < 0.5)
    weights[lost] = centre
    return weights.astype(np.float32)


def _touching(mask: NDArray[np.bool_], border: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The connected parts of `mask` that reach `border`; both bool (side, side)."""
    import cv2

    _count, parts = cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)
    reaching = np.unique(parts[border & mask])
    return np.isin(parts, reaching)


def colours(thumbnails: NDArray[np.uint8]) -> dict[str, NDArray[np.generic]]:
    """`dominant_colour`: uint8 (n,), a number in COLOURS; `palette`: uint8 (n, 5, 3), sRGB, most first, zeros where there are
    fewer; `palette_shares`: float32 (n, 5), each one's share of the product, 0 to 1.

    thumbnails: uint8 (n, side, side, 3) RGB.
    """
    n = len(thumbnails)
    dominant = np.zeros(n, dtype=np.uint8)
    palette = np.zeros((n, PALETTE_SIZE, 3), dtype=np.uint8)
    shares = np.zeros((n, PALETTE_SIZE), dtype=np.float32)
    for start in range(0, n, _CHUNK):
        chunk = thumbnails[start : start + _CHUNK]
        mass, mean = _by_name(chunk, foreground(chunk))
        order = np.argsort(-mass, axis=1, kind="stable")[:, :PALETTE_SIZE]
        part = np.take_along_axis(mass, order, axis=1)
        shown = part >= _LEAST_SHARE
        rows = slice(start, start + len(chunk))
        dominant[rows] = order[:, 0]
        shares[rows] = np.where(shown, part, 0)
        palette[rows] = np.where(shown[..., None], np.take_along_axis(mean, order[..., None], axis=1), 0).round()
    return {"dominant_colour": dominant, "palette": palette, "palette_shares": shares}


def _by_name(thumbnails: NDArray[np.uint8], weights: NDArray[np.float32]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Of each picture and name: its share of the weight (m, names), and its mean sRGB (m, names, 3)."""
    m, names = len(thumbnails), len(COLOURS)
    places = (name_numbers(thumbnails).reshape(m, -1) + np.arange(m)[:, None] * names).ravel()
    flat = weights.reshape(-1).astype(np.float64)
    mass = np.bincount(places, flat, minlength=m * names)
    sums = [np.bincount(places, flat * thumbnails[..., channel].ravel(), minlength=m * names) for channel in range(3)]
    mean = np.stack(sums, axis=-1) / np.maximum(mass, 1e-9)[:, None]
    mass = mass.reshape(m, names)
    return mass / mass.sum(axis=1, keepdims=True), mean.reshape(m, names, 3)
