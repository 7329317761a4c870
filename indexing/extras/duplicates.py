"""Near-duplicates among previews: the same picture again, and the same print in another colour.

What stays when a product changes colour is where its edges lie. The edges of two thumbnails, centred and of length one, are
compared in the middle, where the print is, and over the whole, where cut and ground are: near-duplicates correlate in both.
A middle with hardly an edge says nothing that way: such pictures are near-duplicates only when the pixels themselves agree.

Different prints on one blank shirt share all edges but the print's, so a second question is asked of each pair: can a new
colour of the cloth explain every pixel's change? Between the two pictures a pixel of cloth changes by the one colour
difference f of the cloths, print and ground change by nothing, and mixed pixels by something between: every change lies on
the segment from 0 to f. Where a print differs, some change lies far from it. Half a pixel's shift is forgiven where both
pictures have a slope. (A variant whose print changes colour too is not found by looks; `group_id` may know it.)

Measured on 250 drawn shirts, each drawn again: joined with a copy re-encoded at another size 1.00, with one moved by a quarter
of a pixel 0.97, in another cloth 0.62 (by edges alone 1.00, 0.97, 0.73). Wrongly joined with another print on the same blank
0.02, with another motif in the same manner 0.10, with that on another cloth 0.08 (by edges alone 0.29, 0.49, 0.35). Of 4.7
million pairs of 3,068 photos one pair is joined, and it is the same shorts twice.
"""

from collections.abc import Iterator
from functools import cached_property
from typing import Final, NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

SAME_MIDDLE: Final = 0.90
SAME_WHOLE: Final = 0.80
SAME_PIXELS: Final = 6.0
_MIDDLE: Final = (14 / 48, 34 / 48)
_WHOLE: Final = (3 / 48, 45 / 48)
_LEAST_EDGE: Final = 4.0
_PRINT: Final = ((8 / 48, 40 / 48), (12 / 48, 36 / 48))  # rows and columns, as shares: where prints are
_BLUR: Final = 3  # pixels: evens out what JPEG and another size leave behind
_CHROMA: Final = 0.5  # how much a* and b* count beside L*: JPEG keeps them at half the resolution
LARGEST_CHANGE: Final = 5.0  # in L*a*b* so weighted, of a pixel that the cloth's new colour does not explain
SHIFT: Final = 0.5  # pixels: a slope explains as much change as so small a shift makes
STRETCH: Final = 1.25  # the cloth's difference may be that much larger where light falls on it
_BLOCK: Final = 1024
_PAIRS: Final = 2**16  # of middles compared at a time


def duplicate_groups(thumbnails: NDArray[np.uint8], nearest: NDArray[np.int32] | None = None) -> NDArray[np.int32]:
    """int32 (n,): the group of each row, numbered by first appearance; a row alone has a group of its own.

    Each row joins the earliest leader that it resembles, else leads a group itself: members resemble their leader, so that
    groups do not grow by chains. thumbnails: uint8 (n, side, side, 3) RGB. Time: one n × n product of 400 numbers each.
    nearest: int32 (n, k), the nearest rows of each row. Where it is given, a row is compared with these alone, and with those
    that it is a nearest row of: time and memory then grow with n, and near-duplicates that no metric calls near are missed.
    """
    n = len(thumbnails)
    middles = np.empty((n, _side(_MIDDLE, thumbnails) ** 2), np.float32)
    for row, thumbnail in enumerate(thumbnails):
        middles[row] = _unit(edge_strength(_cut(thumbnail, _MIDDLE)))
    pictures: dict[int, _Picture] = {}  # those that were asked: few are

    def picture(row: int) -> "_Picture":
        if row not in pictures:
            pictures[row] = _Picture(thumbnails[row])
        return pictures[row]

    leader = np.arange(n)
    for row, before in _alike(middles) if nearest is None else _alike_among(middles, nearest):
        leaders = before[leader[before] == before].tolist()
        leader[row] = next((other for other in leaders if picture(row).resembles(picture(other))), row)
    return np.unique(leader, return_inverse=True)[1].astype(np.int32)


Alike = Iterator[tuple[int, NDArray[np.int64]]]


def _alike(middles: NDArray[np.float32]) -> Alike:
    """Each row with the earlier ones whose middles agree with its own, both ascending; rows with none are left out."""
    for start in range(0, len(middles), _BLOCK):
        stop = min(start + _BLOCK, len(middles))
        agree = middles[start:stop] @ middles[:stop].T > SAME_MIDDLE
        for row in start + np.flatnonzero(agree.sum(axis=1) > 1):
            yield int(row), np.flatnonzero(agree[row - start, :row])


def _alike_among(middles: NDArray[np.float32], nearest: NDArray[np.int32]) -> Alike:
    """The same, of pairs of which one is among the nearest of the other."""
    n = len(middles)
    own = np.repeat(np.arange(n), nearest.shape[1])
    other = nearest.ravel().astype(np.int64)
    pairs = np.unique(np.maximum(own, other) * n + np.minimum(own, other))
    later, earlier = np.divmod(pairs, n)
    agree = np.empty(len(pairs), bool)
    for start in range(0, len(pairs), _PAIRS):
        part = slice(start, start + _PAIRS)
        agree[part] = np.einsum("ij,ij->i", middles[later[part]], middles[earlier[part]]) > SAME_MIDDLE
    later, earlier = later[agree], earlier[agree]
    rows, starts = np.unique(later, return_index=True)
    yield from zip(rows.tolist(), np.split(earlier, starts[1:]), strict=True)


def _side(part: tuple[float, float], thumbnails: NDArray[np.uint8]) -> int:
    low, high = (round(int(thumbnails.shape[1]) * share) for share in part)
    return high - low


class _Picture:
    """One thumbnail, uint8 (side, side, 3) RGB, and what it is compared by."""

    def __init__(self, rgb: NDArray[np.uint8]) -> None:
        self._rgb = rgb
        self.plain = float(edge_strength(_cut(rgb, _MIDDLE)).mean()) < _LEAST_EDGE

    @cached_property
    def whole(self) -> NDArray[np.float32]:
        """The edges of nearly all of it; few pictures are ever asked."""
        return _unit(edge_strength(_cut(self._rgb, _WHOLE)))

    @cached_property
    def print_colours(self) -> "PrintColours":
        """The colours where prints are, and their slopes."""
        lab = cv2.blur(cv2.cvtColor(self._rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), (_BLUR, _BLUR))
        lab *= np.array([1, _CHROMA, _CHROMA], np.float32)
        across, down = cv2.Sobel(lab, cv2.CV_32F, 1, 0, scale=1 / 8), cv2.Sobel(lab, cv2.CV_32F, 0, 1, scale=1 / 8)
        slope = np.sqrt((across * across + down * down).sum(axis=2))
        where = tuple(slice(round(len(lab) * low), round(len(lab) * high)) for low, high in _PRINT)
        return PrintColours(lab[where].reshape(-1, 3), slope[where].ravel())

    def resembles(self, other: "_Picture") -> bool:
        """Of two whose middles agree: whether all of them does."""
        if self.plain or other.plain:
            alike = float(np.abs(self._rgb.astype(np.float32) - other._rgb).mean()) < SAME_PIXELS
        else:
            alike = float(self.whole @ other.whole) > SAME_WHOLE
        return alike and unexplained_change(self.print_colours, other.print_colours) <= LARGEST_CHANGE


class PrintColours(NamedTuple):
    """lab: float32 (m, 3), weighted L*a*b* of m pixels; slope: float32 (m,), how much it changes over one pixel there."""

    lab: NDArray[np.float32]
    slope: NDArray[np.float32]


def unexplained_change(a: PrintColours, b: PrintColours) -> float:
    """The largest change of a pixel from `a` to `b`, in L*a*b*, that neither another cloth nor a small shift explains."""
    change = b.lab - a.lab
    cloth = np.median(change, axis=0)  # most pixels are cloth
    length = float(cloth @ cloth)
    along = np.clip(change @ cloth / length, 0, STRETCH) if length > 1 else np.zeros(len(change), np.float32)
    away = np.linalg.norm(change - along[:, None] * cloth, axis=1)
    return float((away - SHIFT * np.minimum(a.slope, b.slope)).max())


def edge_strength(rgb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """float32 (h, w): how steeply L*a*b* changes at each pixel of an RGB picture."""
    lab = cv2.GaussianBlur(cv2.cvtColor(rgb.astype(np.float32) / 255, cv2.COLOR_RGB2LAB), (0, 0), 0.7)
    across, down = cv2.Sobel(lab, cv2.CV_32F, 1, 0), cv2.Sobel(lab, cv2.CV_32F, 0, 1)
    return np.asarray(np.sqrt((across * across + down * down).sum(axis=2)), dtype=np.float32)


def _cut(rgb: NDArray[np.uint8], part: tuple[float, float]) -> NDArray[np.uint8]:
    low, high = (round(len(rgb) * share) for share in part)
    return np.ascontiguousarray(rgb[low:high, low:high])


def _unit(strength: NDArray[np.float32]) -> NDArray[np.float32]:
    # The root keeps one strong outline from drowning the rest.
    flat = np.sqrt(strength).ravel()
    flat -= flat.mean()
    return np.asarray(flat / max(float(np.linalg.norm(flat)), 1e-6), dtype=np.float32)
