"""Every weights file that `--weights FILE` takes, and what is said of those that it cannot take."""

import json
import weakref
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from scipy.signal import convolve2d

from indexing.errors import WeightsError
from indexing.weights.hdf5 import Hdf5Reader
from indexing.weights.record import Layer
from indexing.weights.sources import load_weights
from tests.indexing.small_networks import VGG_GRAPH, arrays
from tests.indexing.weights.weight_files import write_article, write_legacy

TABLE = VGG_GRAPH.parameters
CONVOLUTIONS = {1: 2, 2: 2, 3: 3, 4: 3, 5: 3}
LAYERS = arrays(VGG_GRAPH)


def read(path: Path) -> dict[str, Layer]:
    Hdf5Reader(path).check(TABLE)
    return dict(Hdf5Reader(path).layers(TABLE))


def assert_same(found: Mapping[str, Layer], expected: Mapping[str, Layer] = LAYERS) -> None:
    assert list(found) == list(expected)
    for name, layer in expected.items():
        np.testing.assert_array_equal(found[name].kernel, layer.kernel)
        np.testing.assert_array_equal(found[name].bias, layer.bias)
        assert found[name].kernel.dtype == found[name].bias.dtype == np.float32


@pytest.mark.parametrize("nested", [False, True])
@pytest.mark.parametrize("whole_model", [False, True])
def test_legacy_keras_files_are_read(tmp_path: Path, nested: bool, whole_model: bool) -> None:
    assert_same(read(write_legacy(tmp_path / "w.h5", LAYERS, nested, whole_model)))


def test_a_classifier_after_fc2_is_left_alone(tmp_path: Path) -> None:
    predictions = Layer(np.zeros((24, 10), dtype=np.float32), np.zeros(10, dtype=np.float32))
    assert_same(read(write_legacy(tmp_path / "w.h5", {**LAYERS, "predictions": predictions})))


def test_layers_with_other_names_are_taken_in_order(tmp_path: Path) -> None:
    renamed = {f"mine_{number}": layer for number, layer in enumerate(LAYERS.values())}
    assert_same(read(write_legacy(tmp_path / "w.h5", renamed)))


def keras_vgg(layers: Mapping[str, Layer], top: bool = True, automatic_names: bool = False) -> Any:
    """The small VGG written with Keras's own layers, not from our graph."""
    import keras

    def name(wanted: str) -> str | None:
        return None if automatic_names else wanted

    tensor = picture = keras.Input((64, 64, 3))
    for block, count in CONVOLUTIONS.items():
        for number in range(1, count + 1):
            key = f"block{block}_conv{number}"
            filters = layers[key].bias.size
            tensor = keras.layers.Conv2D(filters, 3, padding="same", activation="relu", name=name(key))(tensor)
        tensor = keras.layers.MaxPooling2D()(tensor)
    if top:
        tensor = keras.layers.Flatten()(tensor)
        for key in ("fc1", "fc2"):
            tensor = keras.layers.Dense(layers[key].bias.size, activation="relu", name=name(key))(tensor)
    model = keras.Model(picture, tensor)
    wanted = [layer for key, layer in layers.items() if top or not key.startswith("fc")]
    model.set_weights([part for layer in wanted for part in layer])
    return model


@pytest.mark.parametrize("automatic_names", [False, True])
@pytest.mark.parametrize("name", ["w.weights.h5", "w.keras", "w.h5"])
def test_files_that_keras_3_writes_are_read(tmp_path: Path, name: str, automatic_names: bool) -> None:
    model = keras_vgg(LAYERS, automatic_names=automatic_names)
    path = tmp_path / name
    if name.endswith(".weights.h5"):
        model.save_weights(path)
    else:
        model.save(path)
    assert_same(read(path))


def test_the_articles_format_is_turned_into_tensorflows(tmp_path: Path) -> None:
    path = write_article(tmp_path / "vgg16_weights.h5", LAYERS, CONVOLUTIONS, (2, 2, 8))
    assert_same(read(path))


def test_the_articles_kernels_mean_a_true_convolution(tmp_path: Path) -> None:
    """The first layer of such a file, applied by SciPy as Theano applied it, equals our kernel applied as TensorFlow does."""
    path = write_article(tmp_path / "w.h5", LAYERS, CONVOLUTIONS, (2, 2, 8))
    random = np.random.default_rng(3)
    picture = random.normal(size=(6, 5, 3))
    with h5py.File(path) as file:
        theano = file["layer_1"]["param_0"][()]  # (out, in, 3, 3); layer 0 is the zero-padding
    expected = np.stack(
        [sum(convolve2d(picture[:, :, c], theano[out, c], mode="same") for c in range(3)) for out in range(4)], axis=-1
    )
    kernel = read(path)["block1_conv1"].kernel
    padded = np.pad(picture, ((1, 1), (1, 1), (0, 0)))
    found = np.zeros((6, 5, 4))
    for y in range(6):
        for x in range(5):
            found[y, x] = np.einsum("ijc,ijco->o", padded[y : y + 3, x : x + 3], kernel)  # correlation: no turning
    np.testing.assert_allclose(found, expected, rtol=1e-5, atol=1e-6)


def test_the_articles_first_dense_layer_follows_a_channels_first_map(tmp_path: Path) -> None:
    path = write_article(tmp_path / "w.h5", LAYERS, CONVOLUTIONS, (2, 2, 8))
    features = np.random.default_rng(4).normal(size=(2, 2, 8))
    with h5py.File(path) as file:
        numbers = [n for n in range(int(file.attrs["nb_layers"])) if file[f"layer_{n}"].attrs["nb_params"]]
        theano = file[f"layer_{numbers[-2]}"]["param_0"][()]
    expected = features.transpose(2, 0, 1).reshape(-1) @ theano  # Theano flattens (channel, row, column)
    np.testing.assert_allclose(features.reshape(-1) @ read(path)["fc1"].kernel, expected, rtol=1e-5)


@pytest.mark.parametrize("kind", ["keras", "article"])
def test_big_layers_are_read_to_where_tensorflow_computes_and_let_go(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "w.h5"
    if kind == "keras":
        write_legacy(path, LAYERS)
    else:
        write_article(path, LAYERS, CONVOLUTIONS, (2, 2, 8))
    for name, layer in Hdf5Reader(path).layers(TABLE):
        if name == "fc1":
            assert layer.kernel.ctypes.data % 64 == 0
            held = weakref.ref(layer.kernel)
            del layer
            assert held() is None


def test_a_layer_of_another_shape_is_named_with_both_shapes(tmp_path: Path) -> None:
    wrong = Layer(np.zeros((3, 3, 4, 5), dtype=np.float32), LAYERS["block1_conv2"].bias)
    path = write_legacy(tmp_path / "w.h5", {**LAYERS, "block1_conv2": wrong})
    with pytest.raises(WeightsError, match=r"w\.h5: block1_conv2 kernel should have .* \(3, 3, 4, 4\), but has \(3, 3, 4, 5\)"):
        Hdf5Reader(path).check(TABLE)


def test_a_bias_of_another_shape_is_named(tmp_path: Path) -> None:
    wrong = Layer(LAYERS["fc2"].kernel, np.zeros(7, dtype=np.float32))
    with pytest.raises(WeightsError, match=r"fc2 bias should have the shape \(24,\), but has \(7,\)"):
        Hdf5Reader(write_legacy(tmp_path / "w.h5", {**LAYERS, "fc2": wrong})).check(TABLE)


def test_a_wrong_kernel_in_the_articles_format_is_named(tmp_path: Path) -> None:
    path = write_article(tmp_path / "w.h5", LAYERS, CONVOLUTIONS, (2, 2, 8))
    with h5py.File(path, "a") as file:
        del file["layer_1"]["param_0"]
        file["layer_1"]["param_0"] = np.zeros((3, 3, 3, 4), dtype=np.float32)
    with pytest.raises(WeightsError, match=r"block1_conv1 kernel should have the shape \(4, 3, 3, 3\), but has \(3, 3, 3, 4\)"):
        Hdf5Reader(path).check(TABLE)


@pytest.mark.parametrize("kind", ["legacy", "keras"])
def test_a_file_without_the_top_is_recognised(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "notop.weights.h5"
    if kind == "legacy":
        write_legacy(path, {name: layer for name, layer in LAYERS.items() if not name.startswith("fc")})
    else:
        keras_vgg(LAYERS, top=False).save_weights(path)
    with pytest.raises(WeightsError, match=r"the layer fc1 is missing \(a file without the top layers \(notop\)"):
        Hdf5Reader(path).check(TABLE)


def test_what_is_no_weights_file_is_refused(tmp_path: Path) -> None:
    text, empty_archive, empty_hdf5 = tmp_path / "a.h5", tmp_path / "b.keras", tmp_path / "c.h5"
    text.write_text("<html>not found</html>")
    with zipfile.ZipFile(empty_archive, "w") as archive:
        archive.writestr("config.json", "{}")
    h5py.File(empty_hdf5, "w").close()
    for path, words in (
        (text, "not a readable weights file"),
        (empty_archive, "model.weights.h5"),
        (empty_hdf5, "no layers found"),
    ):
        with pytest.raises(WeightsError, match=words) as caught:
            load_weights("vgg16", TABLE, str(path))
        assert str(path) in str(caught.value)


def test_a_truncated_file_is_refused(tmp_path: Path) -> None:
    path = write_legacy(tmp_path / "w.h5", LAYERS)
    path.write_bytes(path.read_bytes()[:-2000])
    with pytest.raises(WeightsError, match="not a readable weights file"):
        load_weights("vgg16", TABLE, str(path))


def test_a_missing_file_is_named_with_the_alternatives(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"no such weights file .*imagenet, random, bundled or a file"):
        load_weights("vgg16", TABLE, str(tmp_path / "none.h5"))


def test_the_configuration_of_a_keras_archive_is_never_opened(tmp_path: Path) -> None:
    """A .keras file can carry code in a Lambda layer's configuration: with a poisoned one it reads like any other."""
    path = tmp_path / "w.keras"
    keras_vgg(LAYERS).save(path)
    poisoned = tmp_path / "poisoned.keras"
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(poisoned, "w") as target:
        for member in source.namelist():
            data = source.read(member)
            if member == "config.json":
                config = json.loads(data)
                config["config"]["layers"].append({"class_name": "Lambda", "config": {"function": ["gASVpoison", None, None]}})
                data = json.dumps(config).encode()
            target.writestr(member, data)
    assert_same(read(poisoned))


def test_a_files_digest_is_that_of_its_bytes(tmp_path: Path) -> None:
    import hashlib

    path = write_legacy(tmp_path / "w.h5", LAYERS)
    weights = load_weights("vgg16", TABLE, str(path))
    assert weights.digest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert (weights.label, weights.trained, weights.description) == ("file", True, "file w.h5")
    assert weights.source == str(path)
