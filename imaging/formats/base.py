"""What a picture states of itself."""

from typing import Final, NamedTuple

MOST_PARTS: Final = 100_000  # segments, chunks, strips …: a real picture has hundreds, and each costs time


class Header(NamedTuple):
    """width and height: pixels as stored, before `orientation` (EXIF's 1 to 8, what makes the picture upright).

    frames: of an animation or of several pages, from 1. whole: the last byte that is needed is there. memory: bytes that
    decoding takes at its peak, its result included, estimated from above; halved_memory: when the result has half the width
    and height, 0 where that cannot be had. problem: why it must not be decoded, or "". transparent: whether PNG,
    WebP, AVIF or BMP states alpha.
    """

    kind: str
    width: int
    height: int
    orientation: int = 1
    frames: int = 1
    whole: bool = True
    memory: int = 0
    halved_memory: int = 0
    problem: str = ""
    transparent: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """(width, height) in pixels as it is seen."""
        return (self.height, self.width) if self.orientation >= 5 else (self.width, self.height)


class MalformedError(ValueError):
    """The bytes begin like a picture and do not go on like one."""


class CutOffError(MalformedError):
    """The bytes end before the picture's size is known."""
