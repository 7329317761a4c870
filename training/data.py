"""What a training step sees: photos with a teacher's answers, and drawn shirts."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from indexing.networks.compact import UNITS
from training.augment import crops
from training.recipe import Recipe

MOST_CLASSES = 2000


class Photos:
    """The teacher's cache: `rounds` crops of each photo, the teacher's answer to each, the photo's label."""

    def __init__(self, cache: Path) -> None:
        meta = np.load(cache / "meta.npz")
        self.ids, self.labels, self.folders = meta["ids"], meta["labels"], meta["dirs"]
        self.pixels = np.load(cache / "crops.npy", mmap_mode="r")
        names = sorted({str(label) for label in self.labels} - {""})
        self.classes = np.array([names.index(label) if label else -1 for label in self.labels])
        self.names = names
        self.tuning = np.array([int(name) % 10 == 9 for name in self.ids])
        answers = np.load(cache / "teach.npy").astype(np.float32)
        standard = (answers - answers.mean(0)) / (answers.std(0) + 1e-3)
        standard /= np.linalg.norm(standard, axis=1, keepdims=True)
        _, vectors = np.linalg.eigh(standard.T @ standard)
        self.targets = torch.from_numpy((standard @ vectors[:, -UNITS:]).astype(np.float32))


class Drawings:
    """The drawn shirts so far: more may be added while training runs."""

    def __init__(self, cache: Path) -> None:
        self.cache, self.names, self.classes = cache, list[str](), np.zeros(0, np.int64)
        self.pixels = np.load(cache / "drawn.npy", mmap_mode="r")

    def refresh(self) -> None:
        """Take in what has been drawn since; classes are numbered in the order in which they are first seen."""
        drawn = json.loads((self.cache / "drawn.json").read_text())
        numbers = {name: number for number, name in enumerate(self.names)}
        for name in drawn:
            numbers.setdefault(name, len(numbers))
        self.names = list(numbers)
        self.classes = np.array([numbers[name] for name in drawn])


@dataclass(frozen=True)
class Sampler:
    """Where a step's pictures come from."""

    photos: Photos
    drawings: Drawings
    allowed: NDArray[np.integer]
    recipe: Recipe
    side: int

    def draw(self, rng: np.random.Generator) -> tuple[NDArray[np.uint8], NDArray[np.integer], NDArray[np.integer]]:
        """A thread's part of a batch: pictures, photos first; the photos' rows in the cache; the drawings' rows, in pairs."""
        share = self.recipe.threads
        count, rounds = len(self.photos.ids), len(self.photos.pixels) // len(self.photos.ids)
        chosen = rng.choice(self.allowed, self.recipe.photos // share, replace=False)
        rows = np.sort(chosen + count * rng.integers(rounds, size=len(chosen)))
        pairs = np.sort(rng.choice(len(self.drawings.classes) // 2, self.recipe.drawings // 2 // share, replace=False))
        drawn = np.stack([2 * pairs, 2 * pairs + 1], 1).reshape(-1)
        whole, shirts = (self.recipe.least_crop, 1.0), self.drawings.pixels[drawn]
        photos = crops(self.photos.pixels[rows], self.side, whole, rng)
        drawings = crops(shirts, self.side, whole, rng)
        nearer = rng.uniform(size=len(drawn)) < self.recipe.middle
        drawings[nearer] = crops(shirts[nearer], self.side, self.recipe.middle_sides, rng, 0.3)
        return np.concatenate([photos, drawings]), rows, drawn
