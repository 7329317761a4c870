"""Folders of drawn previews and builds of them by a network small enough to compute in a moment."""

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from indexing.build import build
from indexing.build.build import BuildOptions
from indexing.build.manifest import RUN_KEYS
from indexing.build.report import BuildReport
from indexing.extras.registry import EXTRAS
from indexing.index.file import load_index, save_index
from indexing.index.record import Index
from indexing.networks.choice import Choice
from tests.indexing.small_networks import SMALL_VGG, seeded

BATCH = 4
FEW_EXTRAS = EXTRAS[:1]


class CountingEngine:
    """Vectors that follow from the pixels alone, and a count of the pictures it was asked for."""

    name = "fake"
    threads = 1
    batch_size = BATCH
    explanation = "a fake engine"
    precision = "float32"

    def __init__(self, before: Callable[[int], None] = lambda batches: None) -> None:
        self.pictures = 0
        self.batches = 0
        self.closed = False
        self._before = before

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        self._before(self.batches)
        self.batches += 1
        self.pictures += int((np.abs(batch).max(axis=(1, 2, 3)) > 0).sum())
        flat = batch.reshape(len(batch), -1)
        size = flat.shape[1] // SMALL_VGG.spec.dim * SMALL_VGG.spec.dim
        means = flat[:, :size].reshape(len(batch), SMALL_VGG.spec.dim, -1).mean(axis=2)
        # As MNN does: the last bits depend on the place in the batch.
        places = 1 + np.arange(len(batch), dtype=np.float32)[:, None] / 2**20
        vectors: NDArray[np.float32] = np.maximum(means + 200, 0) * places
        return vectors

    def run_with_features(self, batch: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        raise NotImplementedError

    def close(self) -> None:
        self.closed = True


class Shop:
    """A folder of previews and an index beside it."""

    def __init__(self, folder: Path) -> None:
        self.images = folder / "images"
        self.path = folder / "index" / "items.pkl"
        self.cache = folder / "cache"
        self.images.mkdir()
        self.log: list[str] = []

    def options(self, **others: Any) -> BuildOptions:
        return BuildOptions(**{"images": self.images, "index": self.path, "cache_dir": self.cache, "threads": 2, **others})

    def build(self, **others: Any) -> BuildReport:
        return build.build_index(self.options(**others), log=self.log.append)

    def draw(self, *item_ids: str, seed: int = 0) -> None:
        for item_id in item_ids:
            (self.images / f"{item_id}.jpg").write_bytes(picture(f"{item_id}{seed or ''}"))

    def index(self) -> Index:
        return load_index(self.path)


def picture(name: str, side: int = 96) -> bytes:
    """A JPEG of coloured noise, of its own for each name."""
    random = np.random.default_rng(int.from_bytes(hashlib.sha256(name.encode()).digest()[:8]))
    small = random.integers(0, 256, (6, 6, 3), dtype=np.uint8)
    encoded: NDArray[np.uint8] = cv2.imencode(".jpg", cv2.resize(small, (side, side), interpolation=cv2.INTER_CUBIC))[1]
    return encoded.tobytes() + bytes(1000)  # padded: longer than --min-bytes


def names(count: int) -> list[str]:
    return [f"item-{number:03}" for number in range(count)]


def without_run(index: Index, path: Path) -> bytes:
    """The bytes of the file that the index would be if it did not say when and how fast it was built."""
    manifest = {key: value for key, value in index.manifest.items() if key not in RUN_KEYS}
    save_index(Index(index.item_ids, index.rows, index.vectors, index.neighbours, manifest, index.extras), path)
    return path.read_bytes()


def small_choice(network: str = "auto", weights: str | None = None, seed: int = 0, cache_dir: Path | None = None) -> Choice:
    return Choice(SMALL_VGG, seeded(seed + 1), ("A small network.",))


def use_small_network(monkeypatch: pytest.MonkeyPatch, engine: CountingEngine) -> None:
    """Builds take the small network, `engine` to run it, and of the extras the one that rebuilding needs."""
    monkeypatch.setattr(build, "EXTRAS", FEW_EXTRAS)
    monkeypatch.setattr(build, "choose_network", small_choice)
    monkeypatch.setattr(build, "make_engine", lambda *args: engine)
