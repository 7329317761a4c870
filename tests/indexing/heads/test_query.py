"""A photo gets the same head as the items that it is compared with."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from indexing import query
from indexing.engines.staged import StagedEngine
from indexing.errors import WeightsError
from indexing.heads.head import DIM, Head
from indexing.heads.store import keep_head
from indexing.networks.boxes import Box
from indexing.networks.compact import UNITS
from indexing.networks.lite0 import KINDS, LITE0, LOOK, MARKS
from tests.indexing.heads.synthetic import vectors

PICTURE = np.full((40, 30, 3), 90, np.uint8)
OWN = vectors(["a"])
KERNEL = np.random.default_rng(4).normal(size=(DIM, 2)).astype(np.float32)
HEAD = Head(("bags", "belts"), KERNEL, np.zeros(2, np.float32), "abc")
MANIFEST: dict[str, Any] = {"head": HEAD.manifest()}


class FixedStage:
    """Gives a row of ones for each picture."""

    def __init__(self, width: int) -> None:
        self._width = width

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.ones((len(batch), self._width), np.float32)


class FixedEngine(StagedEngine):
    """lite0's vector of every picture is OWN."""

    def __init__(self) -> None:
        self.first = FixedStage(LOOK + KINDS + MARKS)  # type: ignore[assignment]
        self.others = (FixedStage(LOOK), FixedStage(UNITS))  # type: ignore[assignment]

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.repeat(OWN, len(batch), axis=0)

    def run_with_features(self, batch: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        return self.run(batch), np.zeros((len(batch), 7, 7, 4), np.float32)


@pytest.fixture(autouse=True)
def _lite0_is_open(monkeypatch: pytest.MonkeyPatch) -> None:
    query._read_head.cache_clear()
    monkeypatch.setattr(query, "_open", lambda *args: query._OpenNetwork(("lite0",), LITE0, FixedEngine()))


@pytest.fixture
def heads(tmp_path: Path) -> Path:
    keep_head(tmp_path / "heads", HEAD)
    return tmp_path / "heads"


def test_a_photo_has_the_indexs_head(heads: Path, tmp_path: Path) -> None:
    vector = query.embed(PICTURE, MANIFEST, tmp_path, 1, heads).vector
    np.testing.assert_array_equal(vector, HEAD.applied(OWN)[0])


def test_without_a_head_in_the_index_it_has_none(heads: Path, tmp_path: Path) -> None:
    np.testing.assert_array_equal(query.embed(PICTURE, {}, tmp_path, 1, heads).vector, OWN[0])


def test_a_garment_has_it_too(heads: Path, tmp_path: Path) -> None:
    queries = query.box_queries(PICTURE, Box("garment", 1.0, 0.0, 0.0, 1.0, 1.0), MANIFEST, tmp_path, 1, heads)
    np.testing.assert_array_equal(queries, HEAD.applied(OWN))


def test_a_print_says_nothing_of_a_category(heads: Path, tmp_path: Path) -> None:
    queries = query.box_queries(PICTURE, Box("print", 1.0, 0.2, 0.2, 0.8, 0.8), MANIFEST, tmp_path, 1, heads)
    assert queries.shape == (2, DIM + 2)
    assert not queries[:, DIM:].any()
    np.testing.assert_allclose(np.linalg.norm(queries, axis=1), 1, atol=1e-6)


def test_a_head_that_is_gone_is_one_line(heads: Path, tmp_path: Path) -> None:
    (heads / f"{HEAD.digest}.npz").unlink()
    with pytest.raises(WeightsError, match=r"learned head .* cannot be read"):
        query.embed(PICTURE, MANIFEST, tmp_path, 1, heads)
