"""Codes of five bits: what they stand for, and their products, which must be right to the last digit."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from indexing.nearest.quantized.codes import Codes, Quantizer, has_kernels

Floats = NDArray[np.float32]
Tile = Callable[[NDArray[np.int8], int, NDArray[np.uint8], int, NDArray[np.int32]], None]


def numbers(n: int, d: int) -> Floats:
    return np.random.default_rng(5).normal(size=(n, d)).astype(np.float32)


def test_steps_cover_the_numbers_and_zero() -> None:
    quantizer = Quantizer.learn(np.abs(numbers(200, 32)), 1.0)
    assert quantizer is not None
    assert quantizer.lowest == quantizer.zero == 0
    codes = Codes.of(np.array([[0, 15.4, 15.6, 31, 99] + 27 * [0]], np.float32) * np.float32(quantizer.step), quantizer)
    assert codes.codes[0, :5].tolist() == [0, 15, 16, 31, 31]
    assert codes.sums.tolist() == [93]
    assert codes.squares.tolist() == [15**2 + 16**2 + 31**2 + 31**2]


def test_a_sign_is_kept_and_counted_from_zero() -> None:
    vectors = numbers(500, 32)
    quantizer = Quantizer.learn(vectors, 0.5)
    assert quantizer is not None
    assert 14 < quantizer.zero < 17
    codes = Codes.of(vectors, quantizer)
    centred = codes.centred(slice(None)) * quantizer.step
    expected = np.sign(vectors) * np.sqrt(np.abs(vectors))
    inside = np.abs(expected) < -quantizer.lowest * 0.99
    assert np.abs(centred - expected)[inside].max() <= 0.51 * quantizer.step
    np.testing.assert_allclose(codes.squares, (codes.centred(slice(None)).astype(float) ** 2).sum(axis=1), rtol=1e-6)


def test_the_number_that_varies_least_is_left_out() -> None:
    vectors = numbers(300, 65)
    vectors[:, 40] = 3
    quantizer = Quantizer.learn(vectors, 1.0)
    assert quantizer is not None
    assert quantizer.width == 64
    assert quantizer.numbers.tolist() == [*range(40), *range(41, 65)]
    narrow = Quantizer.learn(vectors[:, :40], 1.0)  # eight of forty would be too much to leave out
    assert narrow is not None
    assert (len(narrow.numbers), narrow.width) == (40, 64)


def test_codes_begin_with_a_line_of_the_cache() -> None:
    vectors = numbers(7, 32)
    quantizer = Quantizer.learn(vectors, 1.0)
    assert quantizer is not None
    codes = Codes.of(vectors, quantizer, padding=2)
    assert [part.ctypes.data % 64 for part in (codes.codes, codes.signed(1, 3))] == [0, 0]


@pytest.mark.parametrize(("features", "expected"), [({"avx2": True}, True), ({"avx2": False}, False), ({}, False)])
def test_a_processor_must_have_the_instructions(
    features: dict[str, bool], expected: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("llvmlite.binding.get_host_cpu_features", lambda: features)
    assert has_kernels.__wrapped__() is expected


def test_zeros_have_no_steps() -> None:
    assert Quantizer.learn(np.zeros((10, 32), np.float32), 0.7) is None


@pytest.fixture(scope="module")
def tile() -> Tile:
    from numba import njit

    from indexing.nearest.quantized.kernels import dot_tile

    def tile(signed: NDArray[np.int8], row: int, codes: NDArray[np.uint8], column: int, out: NDArray[np.int32]) -> None:
        dot_tile(signed, row, codes, column, out, 4)

    compiled: Tile = njit(tile)
    return compiled


@pytest.mark.skipif(not has_kernels(), reason="products of codes need a processor with AVX2")
@pytest.mark.parametrize("width", [32, 416, 1024, 2080, 4096])
def test_products_are_exact(tile: Tile, width: int) -> None:
    """Of the largest codes too: a lane of 16 bits must not run over."""
    random = np.random.default_rng(width)
    codes = random.integers(0, 32, (12, width), dtype=np.uint8)
    codes[5], codes[6] = 31, 0
    signed = (codes[:8].astype(np.int8) - 16).astype(np.int8)
    signed[3] = -16
    out = np.full((2, 9), -1, np.int32)
    tile(signed, 2, codes, 5, out)
    np.testing.assert_array_equal(out[:, 4:8], signed[2:4].astype(int) @ codes[5:9].astype(int).T)
    assert (out[:, [0, 1, 2, 3, 8]] == -1).all()
