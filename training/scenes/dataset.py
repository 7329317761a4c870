"""Scenes as the locator learns from them, kept on disk: `python -m training.scenes.dataset SHARED CACHE --chunks 40`.

A chunk holds CHUNK scenes: the frozen network's maps, masks of 28 × 28, and pairs of pictures for the print head: a print as
it is seen in a scene, cut out two ways, and its artwork on a flat sheet.
"""

import argparse
import time
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from indexing.networks.efficientnet_lite import pixels
from training.backbone import Backbone
from training.scenes.artwork import flat
from training.scenes.scene import SEED, Scene, scene
from training.scenes.sources import find_sources

CHUNK: Final = 100
CELLS: Final = 28
BATCH: Final = 20
CROPS: Final = 2  # of each print
LEAST: Final = 150  # pixels of a print that are seen, for it to be cut out
Pictures = list[NDArray[np.uint8]]


def cells(mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """uint8 (h, w), 0 or 1 → (28, 28), the share of each cell, 0 … 255."""
    shares = cv2.resize(mask.astype(np.float32), (CELLS, CELLS), interpolation=cv2.INTER_AREA)
    return np.asarray(shares * 255, dtype=np.uint8)


def cut_out(rng: np.random.Generator, picture: NDArray[np.uint8], mask: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """A square around the print, as inexact as a locator's: its side 0.8 to 1.6 of the print's (geometric mean)."""
    rows, columns = np.nonzero(mask)
    tall, wide = np.ptp(rows) + 1, np.ptp(columns) + 1
    side = min(float(np.sqrt(tall * wide)) * rng.uniform(0.8, 1.6), *picture.shape[:2])
    top = (rows.min() + rows.max()) / 2 + rng.normal(0, 0.08) * side - side / 2
    left = (columns.min() + columns.max()) / 2 + rng.normal(0, 0.08) * side - side / 2
    y, x = (round(float(np.clip(at, 0, room - side))) for at, room in zip((top, left), picture.shape[:2], strict=True))
    return picture[y : y + max(8, round(side)), x : x + max(8, round(side))]


def pairs(rng: np.random.Generator, made: Scene) -> tuple[Pictures, Pictures]:
    """(cut out prints, CROPS of each; their artwork on flat sheets)."""
    seen, sheets = Pictures(), Pictures()
    for printed in made.prints:
        if printed.mask.sum() >= LEAST:
            seen += [cut_out(rng, made.picture, printed.mask) for _ in range(CROPS)]
            sheets.append(flat(rng, printed.art, printed.base))
    return seen, sheets


def make_chunk(job: tuple[Path, Path, int]) -> int:
    shared, cache, number = job
    cv2.setNumThreads(1)
    path = cache / f"scenes-{number:03d}.npz"
    if path.exists():
        return number
    rng, sources, backbone = np.random.default_rng([SEED, number]), find_sources(shared), Backbone(cache)
    maps: list[list[NDArray[np.float16]]] = [[], [], []]
    masks, seen, sheets = [], Pictures(), Pictures()
    for _ in range(CHUNK // BATCH):
        made = [scene(rng, sources) for _ in range(BATCH)]
        for kept, found in zip(maps, backbone(np.stack([pixels(each.picture) for each in made]))[0], strict=True):
            kept.append(found.astype(np.float16))
        masks += [np.stack([cells(mask) for mask in (each.printed, each.garment, each.known)]) for each in made]
        for each in made:
            crops, flats = pairs(rng, each)
            seen, sheets = seen + crops, sheets + flats
    aside = path.with_suffix(".part.npz")
    names = {f"stride{stride}": np.concatenate(kept) for stride, kept in zip((8, 16, 32), maps, strict=True)}
    square = {"seen": seen, "sheets": sheets}
    stacked = {
        name: np.stack([cv2.resize(each, (224, 224), interpolation=cv2.INTER_LINEAR) for each in pictures])
        for name, pictures in square.items()
    }
    arrays: dict[str, Any] = {**names, **stacked, "masks": np.stack(masks)}
    np.savez(aside, **arrays)
    aside.rename(path)
    return number


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--chunks", type=int, default=40)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    began = time.monotonic()
    jobs = [(options.shared, options.cache, number) for number in range(options.chunks)]
    with get_context("spawn").Pool(options.workers) as pool:
        for number in pool.imap_unordered(make_chunk, jobs):
            print(f"chunk {number}, {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main()
