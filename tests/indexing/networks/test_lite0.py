"""EfficientNet-Lite0 as every engine runs it, against its own layers built by Keras from the unfolded weights."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from indexing.engines import factory, make_engine
from indexing.networks.efficientnet_lite import efficientnet_lite, pixels, same_pads
from indexing.networks.lite0 import unit
from indexing.networks.registry import get_network
from indexing.weights.efficientnet_lite import package_file
from indexing.weights.pytorch import read_state

# (repeats, kernel, stride, expansion, filters) as in Google's efficientnet_lite_builder.py.
BLOCKS = (
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)


def keras_features(batch: NDArray[np.float32]) -> NDArray[np.float32]:
    """The last map of EfficientNet-Lite0 by Keras's own layers: SAME padding, batch norms as they are."""
    import keras

    path = package_file()
    assert path is not None
    state = read_state(path)

    def norm(x: Any, name: str) -> Any:
        layer = keras.layers.BatchNormalization(epsilon=1e-3)
        y = layer(x)
        layer.set_weights([state[f"{name}.{part}"] for part in ("weight", "bias", "running_mean", "running_var")])
        return y

    def conv(x: Any, name: str, stride: int = 1) -> Any:
        kernel = state[f"{name}.weight"].transpose(2, 3, 1, 0)
        layer = keras.layers.Conv2D(kernel.shape[3], kernel.shape[0], stride, "same", use_bias=False)
        y = layer(x)
        layer.set_weights([kernel])
        return y

    def depthwise(x: Any, name: str, stride: int) -> Any:
        kernel = state[f"{name}.weight"].transpose(2, 3, 0, 1)
        layer = keras.layers.DepthwiseConv2D(kernel.shape[0], stride, "same", use_bias=False)
        y = layer(x)
        layer.set_weights([kernel])
        return y

    relu6 = keras.layers.ReLU(6.0)
    picture = keras.Input(batch.shape[1:])
    x, number = relu6(norm(conv(picture, "_conv_stem", 2), "_bn0")), 0
    for repeats, _, first, expansion, _ in BLOCKS:
        for repeat in range(repeats):
            before, block, stride = x, f"_blocks.{number}", first if repeat == 0 else 1
            if expansion != 1:
                x = relu6(norm(conv(x, f"{block}._expand_conv"), f"{block}._bn0"))
            x = relu6(norm(depthwise(x, f"{block}._depthwise_conv", stride), f"{block}._bn1"))
            x = norm(conv(x, f"{block}._project_conv"), f"{block}._bn2")
            x = x + before if repeat else x
            number += 1
    x = relu6(norm(conv(x, "_conv_head"), "_bn1"))
    return np.asarray(keras.Model(picture, x)(batch))


@pytest.fixture(scope="module")
def batch() -> NDArray[np.float32]:
    random = np.random.default_rng(3)
    return np.stack([pixels(random.integers(0, 256, (side, side, 3), dtype=np.uint8)) for side in (9, 150)])


@pytest.fixture(scope="module")
def expected(batch: NDArray[np.float32]) -> NDArray[np.float32]:
    return keras_features(batch)


@pytest.mark.parametrize("name", ["mnn", "tensorflow"])
def test_engines_give_what_its_own_layers_give(
    name: str, batch: NDArray[np.float32], expected: NDArray[np.float32], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(factory, "in_child", lambda function, *args: function(*args))
    network = get_network("lite0")
    engine = make_engine(name, network, network.load_weights("bundled"), 1, tmp_path)
    assert engine.name == name
    vectors, maps = engine.run_with_features(batch)
    np.testing.assert_allclose(maps, expected, rtol=0, atol=1e-4 * expected.max())
    pooled = np.cbrt((expected.astype(np.float64) ** 3).mean(axis=(1, 2))).astype(np.float32)
    np.testing.assert_allclose(vectors, unit(pooled), rtol=0, atol=1e-5)


def test_padding_is_tensorflows_same() -> None:
    assert same_pads(224, 3, 2) == ((0, 1), (0, 1))
    assert same_pads(56, 5, 2) == ((1, 2), (1, 2))
    assert same_pads(7, 5, 1) == ((2, 2), (2, 2))
    assert same_pads(15, 3, 2) == ((1, 1), (1, 1))


def test_maps_lie_at_three_strides() -> None:
    backbone = efficientnet_lite(224)
    shapes = get_network("lite0").graph.shapes
    assert [shapes[backbone.maps[stride]] for stride in (8, 16, 32)] == [(28, 28, 40), (14, 14, 112), (7, 7, 320)]


def test_pixels_are_red_green_blue_around_127() -> None:
    seen = pixels(np.full((5, 7, 3), (255, 127, 0), dtype=np.uint8))
    assert seen.shape == (224, 224, 3)
    assert seen[0, 0].tolist() == [-127 / 128, 0, 1]
