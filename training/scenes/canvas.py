"""A scene while it is painted: its pixels, and what is known of each of them."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from training.scenes.artwork import Artwork
from training.scenes.sources import Picture

Mask = NDArray[Any]  # uint8 (h, w), 0 or 1


@dataclass
class Printed:
    """One print in a scene: its artwork, the cloth's colour (BGR), and a mask of where it may be seen."""

    art: Artwork
    base: Picture
    mask: Mask


@dataclass
class Canvas:
    """picture: BGR float32 (h, w, 3), 0 … 255; garment: 1 on tops; unknown: 1 where nobody knows what is a print."""

    picture: Picture
    garment: Mask = field(init=False)
    unknown: Mask = field(init=False)
    prints: list[Printed] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.garment, self.unknown = self.blank(), self.blank()

    def blank(self) -> Mask:
        return np.zeros(self.picture.shape[:2], np.uint8)

    def paint(self, mask: Picture, colour: Picture) -> None:
        """Lay `colour` over the picture where mask (float32, 0 … 1) is: what was there is hidden."""
        self.picture[:] = self.picture * (1 - mask[..., None]) + colour * mask[..., None]
        hidden = mask > 0.5
        self.garment[hidden] = 0
        self.unknown[hidden] = 0
        for printed in self.prints:
            printed.mask[hidden] = 0

    def add(self, printed: Printed) -> None:
        """Note a print that has just been painted."""
        self.prints.append(printed)
