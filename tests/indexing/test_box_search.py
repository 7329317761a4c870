"""Searching with a part of a picture: one ranking of several vectors' answers, and what a network without boxes gives."""

import numpy as np
import pytest

from indexing import query
from indexing.nearest.search import LiveSearch
from indexing.networks.boxes import WHOLE, Box
from tests.indexing.small_networks import SMALL_VGG, pictures

ITEMS = np.array([[1, 0], [0.8, 0.6], [0, 1], [-1, 0]], dtype=np.float32)


def test_a_row_is_as_near_as_the_nearest_query() -> None:
    near = LiveSearch(ITEMS).query(np.array([[1, 0], [0, 1]], dtype=np.float32), 4)
    rows, distances = query.nearest_to_any(near, 4)["cosine"]
    assert rows.tolist() == [0, 2, 1, 3]
    assert distances.tolist() == pytest.approx([0, 0, 0.2, 1], abs=1e-6)


def test_no_more_rows_than_asked_for() -> None:
    near = LiveSearch(ITEMS).query(np.array([[1, 0], [0, 1]], dtype=np.float32), 3)
    assert query.nearest_to_any(near, 2)["euclidean"][0].tolist() == [0, 2]


class WholeEngine:
    """Gives a vector for whatever it reads."""

    def run(self, batch: np.ndarray) -> np.ndarray:
        return np.asarray(batch.mean(axis=(1, 2)))


def test_a_network_without_boxes_searches_by_the_part_as_a_picture(monkeypatch: pytest.MonkeyPatch, tmp_path: object) -> None:
    opened = query._OpenNetwork(("small",), SMALL_VGG, WholeEngine())  # type: ignore[arg-type]
    monkeypatch.setattr(query, "_open", lambda *args: opened)
    picture = (pictures(1)[0] + 120).clip(0, 255).astype(np.uint8)
    assert query.find_boxes(picture, {}, tmp_path) == [WHOLE]  # type: ignore[arg-type]
    half = Box("print", 1.0, 0.0, 0.0, 0.5, 1.0)
    vectors = query.box_queries(picture, half, {}, tmp_path)  # type: ignore[arg-type]
    np.testing.assert_allclose(vectors, SMALL_VGG.prepare(picture[:, :32]).mean(axis=(0, 1))[None], rtol=1e-5)
