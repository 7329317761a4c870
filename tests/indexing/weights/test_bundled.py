"""The small archive that comes with the product: half floats or bytes."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexing.errors import WeightsError
from indexing.networks.registry import get_network, names
from indexing.weights.bundled import NpzReader, bundled_path
from indexing.weights.sources import load_weights

TABLE = {"a": ((1, 1, 2, 3), (3,)), "b": ((3, 2), (2,))}
KERNEL_A = np.arange(6, dtype=np.float16).reshape(1, 1, 2, 3)
KERNEL_B = np.array([[1, -2], [3, 127], [-128, 0]], dtype=np.int8)
GOOD = {
    "a/kernel": KERNEL_A,
    "a/bias": np.zeros(3, dtype=np.float16),
    "b/kernel": KERNEL_B,
    "b/scale": np.array([0.5, 0.25], dtype=np.float32),
    "b/bias": np.array([1, 2], dtype=np.float32),
}


def write(path: Path, **changes: np.ndarray | None) -> Path:
    arrays = {**GOOD, **{key.replace("__", "/"): value for key, value in changes.items()}}
    kept: Any = {key: value for key, value in arrays.items() if value is not None}
    np.savez(path, **kept)
    return path


def test_half_floats_and_scaled_bytes_are_read(tmp_path: Path) -> None:
    layers = dict(NpzReader(write(tmp_path / "w.npz")).layers(TABLE))
    assert layers["a"].kernel.tolist() == [[[[0, 1, 2], [3, 4, 5]]]]
    assert layers["b"].kernel.tolist() == [[0.5, -0.5], [1.5, 31.75], [-64, 0]]
    assert all(part.dtype == np.float32 for layer in layers.values() for part in layer)


def test_a_missing_layer_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="b/kernel"):
        NpzReader(write(tmp_path / "w.npz", b__kernel=None)).check(TABLE)


def test_a_wrong_shape_is_named(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"a bias should have the shape \(3,\), but has \(4,\)"):
        NpzReader(write(tmp_path / "w.npz", a__bias=np.zeros(4, dtype=np.float32))).check(TABLE)


def test_a_pickle_inside_is_refused_unopened(tmp_path: Path) -> None:
    path = write(tmp_path / "w.npz", a__kernel=np.array([{"code": 1}], dtype=object))
    with pytest.raises(WeightsError, match="not a readable weights file"):
        NpzReader(path).check(TABLE)


def test_a_damaged_archive_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "w.npz")
    path.write_bytes(path.read_bytes()[:300])
    with pytest.raises(WeightsError, match=r"w\.npz is not a readable weights file"):
        NpzReader(path).check(TABLE)


def test_a_persons_own_archive_is_taken_by_its_path(tmp_path: Path) -> None:
    weights = load_weights("compact", TABLE, str(write(tmp_path / "mine.npz")))
    assert (weights.label, weights.trained, weights.description) == ("file", True, "file mine.npz")


def test_a_network_without_bundled_weights_says_so() -> None:
    with pytest.raises(WeightsError, match="No weights come with the network vgg16"):
        get_network("vgg16").load_weights("bundled")


@pytest.mark.parametrize("name", [name for name in names() if bundled_path(name).is_file()])
def test_what_is_bundled_fits_its_network(name: str) -> None:
    weights = get_network(name).load_weights("bundled")
    assert (weights.label, weights.trained, weights.source) == ("bundled", True, "bundled")
    for layer in weights.arrays(get_network(name).graph.parameters).values():
        assert np.isfinite(layer.kernel).all()
        assert np.isfinite(layer.bias).all()
