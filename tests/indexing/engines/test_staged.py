"""Engines one after another: each stage reads what the first one points at, and the vector is made of all their answers."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexing.engines import cached_engine, factory, make_engine, proof
from indexing.engines.staged import StagedEngine
from indexing.networks.base import Network, NetworkSpec, Stage
from tests.indexing.small_networks import RESIDUAL, SMALL_VGG, pictures, seeded


class Doubling:
    """An engine whose graph doubles the mean of what it reads."""

    name, threads, batch_size, precision, explanation = "fake", 1, 4, "float32", "a fake"

    def __init__(self) -> None:
        self.closed = False

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(2 * batch.mean(axis=(1, 2, 3))[:, np.newaxis], dtype=np.float32)

    def run_with_features(self, batch: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return self.run(batch), batch

    def close(self) -> None:
        self.closed = True


def plus_answer(outputs: NDArray[np.float32], batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """A `cut`: the picture, brighter by what the first graph answered."""
    return batch + outputs[:, :1, np.newaxis, np.newaxis]


def minus_batch(outputs: NDArray[np.float32], batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """A `finish` that sees both stages' answers and the batch."""
    return np.asarray(outputs - batch.mean(axis=(1, 2, 3))[:, np.newaxis], dtype=np.float32)


def staged(first: Network = SMALL_VGG) -> Network:
    second = replace(RESIDUAL.first, spec=NetworkSpec("compact", 64, 12, "embed", "test"), default_weights="random")
    return replace(first, finish=minus_batch, stages=(Stage(second, plus_answer),))


def test_each_stage_reads_what_the_first_points_at() -> None:
    first, second = Doubling(), Doubling()
    engine = StagedEngine(staged(), [first, second])
    batch = np.stack([np.full((2, 2, 3), value, np.float32) for value in (1, 10)])
    # The first answers 2 and 20; the second reads 3 and 30 and answers 6 and 60; each less the batch's mean.
    assert engine.run(batch).tolist() == [[1, 5], [10, 50]]
    vectors, maps = engine.run_with_features(batch)
    assert vectors.tolist() == [[1, 5], [10, 50]]
    np.testing.assert_array_equal(maps, batch)
    engine.close()
    assert (first.closed, second.closed) == (True, True)


def test_a_network_of_stages_gets_an_engine_for_each(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "in_child", lambda function, *args: function(*args))
    engine = make_engine("tensorflow", staged(), seeded(), 1, tmp_path)
    assert isinstance(engine, StagedEngine)
    batch, others = pictures(16), pictures(16, seed=6)
    vectors = engine.run(batch)
    assert vectors.shape == (16, 24 + 12)
    assert engine.run(batch).tobytes() == vectors.tobytes()
    others[3] = batch[3]
    np.testing.assert_array_equal(engine.run(others)[3], vectors[3])
    engine.close()


def test_the_cache_must_hold_every_stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = {"small-vgg"}
    monkeypatch.setattr(factory, "bundled_digest", lambda name: "0" * 64)
    monkeypatch.setattr(factory, "find_spec", lambda name: True)
    monkeypatch.setattr(factory, "is_whole", lambda folder: True)
    monkeypatch.setattr(factory, "read_json", lambda path: {} if path.parent.name.split("-0")[0] in kept else None)
    monkeypatch.setattr(factory, "open_engine", lambda *args: Doubling())
    assert cached_engine(staged(), "0" * 64, tmp_path) is None
    kept.add("compact")
    assert isinstance(cached_engine(staged(), "0" * 64, tmp_path), StagedEngine)
