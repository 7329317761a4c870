"""EfficientNet-Lite0 as every engine runs it, against its own layers built by Keras from the unfolded weights."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from indexing.engines import make_engine, proof
from indexing.networks.compact import UNITS
from indexing.networks.efficientnet_lite import efficientnet_lite, pixels, same_pads
from indexing.networks.lite0 import KINDS, LITE0, LOOK, MARKS, cut_crops, cut_prints, marks_of, print_queries
from indexing.weights.bundled import bundled_path
from indexing.weights.efficientnet_lite import package_file
from indexing.weights.pytorch import read_state
from indexing.weights.sources import file_digest

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


def pictures() -> list[NDArray[np.uint8]]:
    random = np.random.default_rng(3)
    return [random.integers(0, 256, (side, side, 3), dtype=np.uint8) for side in (9, 150)]


@pytest.fixture(scope="module")
def expected() -> NDArray[np.float32]:
    return keras_features(np.stack([pixels(picture) for picture in pictures()]))


@pytest.mark.parametrize("name", ["mnn", "openvino", "tensorflow"])
def test_engines_give_what_its_own_layers_give(
    name: str, expected: NDArray[np.float32], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "in_child", lambda function, *args: function(*args))
    weights = LITE0.load_weights("bundled")
    engine = make_engine(name, LITE0.first, weights, 1, tmp_path)
    assert engine.name == name
    outputs, maps = engine.run_with_features(np.stack([LITE0.prepare(picture) for picture in pictures()]))
    np.testing.assert_allclose(maps, expected, rtol=0, atol=1e-4 * expected.max())
    pooled = np.cbrt((expected.astype(np.float64) ** 3).mean(axis=(1, 2)))
    layers = weights.arrays(LITE0.graph.parameters)
    for place, layer in ((slice(0, LOOK), layers["look"]), (slice(LOOK, LOOK + KINDS), layers["kinds"])):
        np.testing.assert_allclose(outputs[:, place], pooled @ layer.kernel + layer.bias, rtol=1e-3, atol=1e-2)


def test_the_heads_are_those_that_the_record_names() -> None:
    path = bundled_path("lite0")
    record = json.loads(path.with_suffix(".json").read_text())
    assert record["sha256"] == file_digest(path)
    assert record["preprocessing"] == LITE0.spec.preprocessing
    assert len(record["kinds"]) == KINDS
    assert path.stat().st_size < 400_000


def test_vectors_have_length_one_and_blocks_their_weights() -> None:
    random = np.random.default_rng(1)
    outputs = random.normal(size=(2, LOOK + KINDS + MARKS + LOOK + UNITS)).astype(np.float32)
    vectors = LITE0.finish(outputs, np.stack([LITE0.prepare(picture) for picture in pictures()]))
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1], abs=1e-5)
    for block in LITE0.spec.blocks:
        lengths = np.linalg.norm(vectors[:, block.start : block.stop], axis=1)
        assert lengths == pytest.approx([block.weight] * 2, abs=1e-5)


def marked(row: int, column: int) -> NDArray[np.float32]:
    """The first stage's outputs for one picture, a print marked around one cell."""
    outputs = np.full((1, LOOK + KINDS + MARKS), -8, dtype=np.float32)
    marks_of(outputs)[0, row - 2 : row + 3, column - 2 : column + 3, 0] = 8
    return outputs


def test_the_second_stage_reads_the_print_and_the_third_the_whole_and_its_middle() -> None:
    picture = np.zeros((280, 140, 3), dtype=np.uint8)
    picture[190:230, 35:55] = (255, 0, 0)  # blue, around cell (21, 9)
    batch = LITE0.prepare(picture)[np.newaxis]
    assert marks_of(marked(21, 9)).shape == (1, 28, 28, 2)
    prints = cut_prints(marked(21, 9), batch)
    assert prints.shape == (1, 160, 160, 3)
    assert prints[0, 80, 80].tolist() == pytest.approx([-127 / 128, -127 / 128, 1])  # red, green, blue
    crops = cut_crops(marked(21, 9), batch)
    assert crops.shape == (1, 256, 128, 3)
    assert crops[0, 96, 41].tolist() == [1, -1, -1]  # blue, green, red: the whole holds the print
    assert (crops[0, 128:200] == -1).all()  # the middle does not, but at its foot


def test_an_empty_place_in_a_batch_is_read_too() -> None:
    empty = np.zeros((1, *LITE0.prepared_shape), dtype=np.float32)
    outputs = np.zeros((1, LOOK + KINDS + MARKS), dtype=np.float32)
    assert np.isfinite(cut_prints(outputs, empty)).all()
    assert np.isfinite(cut_crops(outputs, empty)).all()


def test_a_print_is_searched_by_look_and_print_alone() -> None:
    random = np.random.default_rng(2)
    views = random.normal(size=(3, LOOK + KINDS + MARKS)).astype(np.float32)
    whole, crop = print_queries(views, random.normal(size=UNITS).astype(np.float32))
    used = {name for name in (block.name for block in LITE0.spec.blocks) if block_of(whole, name).any()}
    assert used == {"look", "print"}
    np.testing.assert_array_equal(block_of(whole, "look"), block_of(crop, "crop"))
    assert np.linalg.norm([whole, crop], axis=1) == pytest.approx([1, 1], abs=1e-5)


def block_of(vector: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    block = next(block for block in LITE0.spec.blocks if block.name == name)
    return vector[block.start : block.stop]


def test_padding_is_tensorflows_same() -> None:
    assert same_pads(224, 3, 2) == ((0, 1), (0, 1))
    assert same_pads(56, 5, 2) == ((1, 2), (1, 2))
    assert same_pads(7, 5, 1) == ((2, 2), (2, 2))
    assert same_pads(15, 3, 2) == ((1, 1), (1, 1))


def test_maps_lie_at_three_strides() -> None:
    backbone = efficientnet_lite(224)
    shapes = LITE0.graph.shapes
    assert [shapes[backbone.maps[stride]] for stride in (8, 16, 32)] == [(28, 28, 40), (14, 14, 112), (7, 7, 320)]


def test_pixels_are_red_green_blue_around_127() -> None:
    seen = pixels(np.full((5, 7, 3), (255, 127, 0), dtype=np.uint8))
    assert seen.shape == (224, 224, 3)
    assert seen[0, 0].tolist() == [-127 / 128, 0, 1]
