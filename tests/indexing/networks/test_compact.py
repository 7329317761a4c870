"""The network that comes with the product: its file is the one its record names, and its neighbours mean something."""

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from demo.drawing import FontMissingError, draw, random_spec
from indexing.engines import make_engine
from indexing.networks.compact import COLOUR_WEIGHT, COMPACT, CROPS, SIDE, UNITS, finish, joined, prepare
from indexing.networks.registry import get_network
from indexing.weights.bundled import bundled_path

VectorsOf = Callable[[Sequence[NDArray[np.uint8]]], NDArray[np.float32]]
WEIGHTS = bundled_path("compact")


@cache
def shirts(family: str, count: int = 4) -> tuple[NDArray[np.uint8], ...]:
    """BGR pictures of freshly drawn shirts."""
    rng = np.random.default_rng(20)
    return tuple(np.ascontiguousarray(draw(random_spec(rng, family))[..., ::-1]) for _ in range(count))


@pytest.fixture(scope="module")
def vectors_of(tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorsOf]:
    network = get_network("compact")
    engine = make_engine("auto", network, network.load_weights("bundled"), 1, tmp_path_factory.mktemp("engines"))
    yield lambda pictures: engine.run(np.stack([network.prepare(picture) for picture in pictures]))
    engine.close()


def nearer_to_their_own(vectors: NDArray[np.float32], half: int) -> float:
    """Of two kinds, `half` vectors each: the share whose nearest other one is of its kind."""
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    closeness = units @ units.T - 9 * np.eye(2 * half, dtype=np.float32)
    return float(((closeness.argmax(1) < half) == (np.arange(2 * half) < half)).mean())


def test_weights_are_the_ones_that_the_record_names() -> None:
    record = json.loads(Path(WEIGHTS).with_suffix(".json").read_text())
    assert record["sha256"] == hashlib.sha256(WEIGHTS.read_bytes()).hexdigest()
    assert record["preprocessing"] == get_network("compact").spec.preprocessing


def test_weights_are_few_megabytes() -> None:
    assert WEIGHTS.stat().st_size < 4_000_000


def test_vectors_have_the_length_that_the_index_is_told(vectors_of: VectorsOf) -> None:
    vectors = vectors_of(shirts("stripes"))
    assert vectors.shape == (4, get_network("compact").spec.dim)
    assert vectors.dtype == np.float32


def test_same_picture_gives_the_same_vector_in_any_company(vectors_of: VectorsOf) -> None:
    alone, among = vectors_of(shirts("dots")[:1])[0], vectors_of(shirts("dots"))[0]
    np.testing.assert_allclose(alone, among, rtol=0, atol=1e-5)


def test_patterns_stand_beside_their_kind(vectors_of: VectorsOf) -> None:
    assert nearer_to_their_own(vectors_of(shirts("stripes") + shirts("camouflage")), 4) == 1.0


def test_cats_stand_beside_cats_and_stripes_beside_stripes(vectors_of: VectorsOf) -> None:
    try:
        cats = shirts("cats")
    except FontMissingError:
        pytest.skip("no emoji font here: cats cannot be drawn")
    assert nearer_to_their_own(vectors_of(cats + shirts("stripes")), 4) == 1.0


def test_colour_makes_up_its_share_of_a_vector() -> None:
    outputs = np.zeros((CROPS, UNITS), dtype=np.float32)
    outputs[:, 3] = 5.0
    vector = finish(outputs, np.zeros((1, *COMPACT.prepared_shape), dtype=np.float32))[0]
    assert vector[3] == 5.0
    assert np.linalg.norm(vector[UNITS:]) == pytest.approx(5.0 * COLOUR_WEIGHT, rel=1e-5)


def test_an_output_of_zeros_stays_finite() -> None:
    vector = finish(np.zeros((CROPS, UNITS), dtype=np.float32), np.zeros((1, *COMPACT.prepared_shape), dtype=np.float32))
    assert np.isfinite(vector).all()


def test_the_second_look_is_the_middle_of_the_picture() -> None:
    picture = np.zeros((400, 300, 3), dtype=np.uint8)
    picture[100:300, 75:225] = 255  # half of each side
    crops = prepare(picture)
    whole, middle = crops[:SIDE], crops[SIDE:]
    assert (whole > 0).mean() == pytest.approx(0.25, abs=0.02)
    assert (middle > 0).mean() == pytest.approx((0.5 / 0.55) ** 2, abs=0.02)


def test_a_picture_of_one_pixel_has_a_middle_too() -> None:
    assert prepare(np.full((1, 1, 3), 255, dtype=np.uint8)).min() == 1.0


def test_looks_of_one_picture_are_joined_by_their_mean() -> None:
    outputs = np.array([[1.0, 2.0], [3.0, 6.0], [10.0, 0.0], [20.0, 0.0]], dtype=np.float32)
    assert joined(outputs).tolist() == [[2.0, 4.0], [15.0, 0.0]]


def test_colour_is_that_of_the_whole_picture() -> None:
    outputs = np.ones((CROPS, UNITS), dtype=np.float32)
    batch = np.zeros((1, *COMPACT.prepared_shape), dtype=np.float32)
    other_middle = batch.copy()
    other_middle[:, SIDE:] = 0.7
    np.testing.assert_array_equal(finish(outputs, batch), finish(outputs, other_middle))
