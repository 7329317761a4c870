"""What stands behind people: photos, patterns, bricks, boards; with posters and murals, whose artwork is on no cloth."""

import cv2
import numpy as np

from training.scenes.artwork import artwork, print_on
from training.scenes.sources import Picture, Sources, part

Size = tuple[int, int]  # height, width


def ground(rng: np.random.Generator, sources: Sources, size: Size) -> Picture:
    """BGR float32 (h, w, 3), 0 … 255."""
    kind = rng.uniform()
    if kind < 0.5:
        picture = part(rng, sources.photo(rng, sources.grounds), size, 0.3).astype(np.float32)
    elif kind < 0.68:
        picture = _four(rng, sources, size)
    elif kind < 0.8:
        picture = _blots(rng, size)
    elif kind < 0.92:
        picture = _bricks(rng, size)
    else:
        picture = np.full((*size, 3), rng.choice([0, 20, 235, 255]), np.float32)
    if rng.uniform() < 0.45:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 4))
    if rng.uniform() < 0.35:
        _posters(rng, sources, picture)
    return np.asarray(picture * np.float32(rng.uniform(0.4, 1.15)), dtype=np.float32)


def _four(rng: np.random.Generator, sources: Sources, size: Size) -> Picture:
    half = (size[0] // 2, size[1] // 2)
    rows = [np.hstack([part(rng, sources.photo(rng, sources.grounds), half) for _ in range(2)]) for _ in range(2)]
    return np.asarray(cv2.resize(np.vstack(rows), size[::-1]), dtype=np.float32)


def _blots(rng: np.random.Generator, size: Size) -> Picture:
    grid = rng.integers(-25, 26, (rng.integers(2, 40), rng.integers(2, 40), 3)).astype(np.float32)
    kind = int(rng.choice([cv2.INTER_NEAREST, cv2.INTER_LINEAR, cv2.INTER_CUBIC]))
    blots = cv2.resize(grid, size[::-1], interpolation=kind)
    return np.asarray(np.clip(rng.integers(0, 256, 3).astype(np.float32) + blots, 0, 255), dtype=np.float32)


def _bricks(rng: np.random.Generator, size: Size) -> Picture:
    picture = np.empty((*size, 3), np.float32)
    picture[:] = rng.integers(30, 220, 3)
    colour = rng.integers(30, 220, 3)
    tall, wide = int(rng.integers(8, 40)), int(rng.integers(16, 120))
    for row, top in enumerate(range(0, size[0], tall)):
        for left in range(-wide * (row % 2) // 2, size[1], wide):
            shade = tuple(float(value) for value in np.clip(colour + rng.normal(0, 15, 3), 0, 255))
            cv2.rectangle(picture, (left + 1, top + 1), (left + wide - 2, top + tall - 2), shade, -1)
    return picture


def _posters(rng: np.random.Generator, sources: Sources, picture: Picture) -> None:
    """One or two posters, or a mural as large as the wall."""
    height, width = picture.shape[:2]
    everywhere = np.ones((height, width), np.float32)
    mural = rng.uniform() < 0.3
    for _ in range(1 if mural else int(rng.integers(1, 3))):
        art = artwork(rng, sources, np.full(3, 128, np.float32))
        length = rng.uniform(0.7, 1.3) * width if mural else rng.uniform(0.1, 0.45) * width
        centre = (rng.uniform(0, width), rng.uniform(0, height))
        print_on(rng, picture, everywhere, art, centre, length, everywhere)
