"""The real VGG-16, all 134 million numbers of it: our graph against Keras's own network, and both kinds of file."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from indexing.engines import proof
from indexing.engines.factory import make_engine
from indexing.networks.vgg16 import VGG16
from indexing.weights.record import Layer
from indexing.weights.sources import load_weights
from tests.indexing.small_networks import cosines
from tests.indexing.weights.weight_files import write_article

pytestmark = pytest.mark.slow
TABLE = VGG16.graph.parameters
WEIGHTS = VGG16.load_weights("random", 1)


@pytest.fixture(scope="module")
def keras_vgg() -> Iterator[Any]:
    """`keras.applications.VGG16` with our seeded numbers, cut after fc2 by Keras itself."""
    import keras

    model = keras.applications.VGG16(weights=None, include_top=True)
    for name, layer in WEIGHTS.reader.layers(TABLE):
        model.get_layer(name).set_weights(layer)
    yield model
    keras.backend.clear_session()


@pytest.fixture(scope="module")
def batch() -> np.ndarray:
    return proof.probe(VGG16)


@pytest.fixture(scope="module")
def expected(keras_vgg: Any, batch: np.ndarray) -> np.ndarray:
    import keras

    return np.asarray(keras.Model(keras_vgg.input, keras_vgg.get_layer("fc2").output).predict(batch, verbose=0))


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """For half-gigabyte files, which pytest must not keep."""
    yield tmp_path
    shutil.rmtree(tmp_path)


def test_both_engines_give_the_fc2_of_keras_applications(
    expected: np.ndarray, batch: np.ndarray, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A batch of their own size: these tests are about numbers, and four pictures are enough of them.
    reference = make_engine("tensorflow", VGG16, WEIGHTS, 2, folder, batch_size=4)
    found = reference.run(batch)
    assert cosines(found, expected).min() > 0.9999999
    reference.close()
    monkeypatch.setattr(proof, "in_child", lambda function, *args: found)
    fast = make_engine("mnn", VGG16, WEIGHTS, 2, folder, batch_size=4)
    assert fast.name == "mnn"
    vectors, maps = fast.run_with_features(batch)
    assert cosines(vectors, expected).min() > 0.99999
    assert maps.shape == (4, 14, 14, 512)
    fast.close()


def assert_holds(path: Path, model: Any) -> None:
    """The file gives the model's own numbers, to the bit."""
    for name, found in load_weights("vgg16", TABLE, str(path)).reader.layers(TABLE):
        kernel, bias = model.get_layer(name).get_weights()
        assert np.array_equal(found.kernel, kernel), name
        assert np.array_equal(found.bias, bias), name


def test_keras_applications_own_file_is_read(keras_vgg: Any, folder: Path) -> None:
    path = folder / "vgg16.h5"
    keras_vgg.save(path)
    assert_holds(path, keras_vgg)


def test_the_articles_file_is_read(keras_vgg: Any, folder: Path) -> None:
    layers = {name: Layer(*keras_vgg.get_layer(name).get_weights()) for name in TABLE}
    path = write_article(folder / "vgg16_weights.h5", layers, {1: 2, 2: 2, 3: 3, 4: 3, 5: 3}, (7, 7, 512))
    assert_holds(path, keras_vgg)
