"""The CC0 photos that scenes are made of: tops, and other clothing that serves as a ground."""

import csv
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

Picture = NDArray[Any]  # BGR, 0 … 255, mostly float32; masks of it
TOPS: Final = frozenset({"t-shirt", "longsleeve", "polo", "hoodie", "undershirt", "top"})
GROUNDS: Final = frozenset({"pants", "shoes", "hat", "shorts", "skirt", "outwear", "blazer"})
KEPT_OUT: Final = (0, 9)  # photos whose ids end so judge the network


@dataclass(frozen=True)
class Sources:
    """Paths of photos that may be used."""

    tops: tuple[Path, ...]
    grounds: tuple[Path, ...]

    def photo(self, rng: np.random.Generator, paths: tuple[Path, ...]) -> NDArray[np.uint8]:
        """One of them by chance, BGR."""
        return read(paths[int(rng.integers(len(paths)))])


def find_sources(shared: Path) -> Sources:
    """The photos of photos/ and photos_more/ under `shared`, by their labels."""
    found: dict[bool, list[Path]] = {True: [], False: []}
    for folder in (shared / "photos", shared / "photos_more"):
        with (folder / "labels.csv").open(newline="") as lines:
            for row in csv.DictReader(lines):
                label = row["label"].lower()
                if int(row["id"]) % 10 not in KEPT_OUT and (label in TOPS or label in GROUNDS):
                    found[label in TOPS].append(folder / f"{row['id']}.jpg")
    return Sources(tuple(sorted(found[True])), tuple(sorted(found[False])))


@lru_cache(maxsize=400)
def read(path: Path) -> NDArray[np.uint8]:
    return np.asarray(cv2.imread(str(path), cv2.IMREAD_COLOR), dtype=np.uint8)


def part(rng: np.random.Generator, picture: NDArray[np.uint8], size: tuple[int, int], least: float = 0.4) -> NDArray[np.uint8]:
    """A rectangle of the picture by chance, of the form of `size` (height, width) and resized to it.

    least: the smallest share of the largest such rectangle.
    """
    height, width = size
    scale = rng.uniform(least, 1) * min(picture.shape[0] / height, picture.shape[1] / width)
    tall, wide = max(1, int(height * scale)), max(1, int(width * scale))
    top, left = rng.integers(0, picture.shape[0] - tall + 1), rng.integers(0, picture.shape[1] - wide + 1)
    resized = cv2.resize(picture[top : top + tall, left : left + wide], (width, height), interpolation=cv2.INTER_AREA)
    return np.asarray(resized, dtype=np.uint8)
