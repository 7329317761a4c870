"""Embedding a picture that is not in the index, with the network that made the index and nothing more."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from indexing import query
from indexing.engines import factory, proof
from indexing.errors import EngineError, ImagesError, WeightsError
from indexing.networks import registry
from tests.indexing.small_networks import SMALL_VGG, cosines

PICTURE = bytes(cv2.imencode(".png", np.random.default_rng(8).integers(0, 256, (90, 70, 3), dtype=np.uint8))[1])


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A cache in which a build has left the small network, converted and proved."""
    folder = tmp_path_factory.mktemp("cache")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proof, "in_child", lambda function, *args: function(*args))
        factory.make_engine("mnn", SMALL_VGG, SMALL_VGG.load_weights("random", 1), 1, folder).close()
    return folder


@pytest.fixture
def manifest(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """An index's manifest that names the small network, which is registered meanwhile."""
    monkeypatch.setitem(registry._NETWORKS, "small-vgg", SMALL_VGG)
    weights = SMALL_VGG.load_weights("random", 1).manifest()
    yield {"network": "small-vgg", "preprocessing": "test", "weights": weights}
    query.close_network()


@pytest.fixture
def nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening weights or another engine would be an error."""
    monkeypatch.setattr(query, "make_engine", lambda *args, **options: pytest.fail("the cache should have been enough"))


@pytest.mark.usefixtures("nothing_else")
def test_a_picture_gets_the_vector_that_the_index_would_hold(cache: Path, manifest: dict[str, Any]) -> None:
    embedding = query.embed(PICTURE, manifest, cache, threads=1)
    engine = factory.make_engine("tensorflow", SMALL_VGG, SMALL_VGG.load_weights("random", 1), 1, cache)
    picture: Any = cv2.imdecode(np.frombuffer(PICTURE, np.uint8), cv2.IMREAD_COLOR)
    vectors, maps = engine.run_with_features(SMALL_VGG.prepare(picture)[np.newaxis])
    assert embedding.vector.shape == (24,)
    assert embedding.features is not None
    assert embedding.features.shape == (4, 4, 8)
    assert cosines(embedding.vector[np.newaxis], vectors).min() > 0.99999
    assert cosines(embedding.features.reshape(1, -1), maps.reshape(1, -1)).min() > 0.99999


@pytest.mark.usefixtures("nothing_else")
def test_decoded_pixels_get_the_same_embedding_as_their_bytes(cache: Path, manifest: dict[str, Any]) -> None:
    pixels = np.asarray(cv2.imdecode(np.frombuffer(PICTURE, np.uint8), cv2.IMREAD_COLOR), np.uint8)
    of_bytes = query.embed(PICTURE, manifest, cache, threads=1)
    of_pixels = query.embed(pixels, manifest, cache, threads=1)
    np.testing.assert_array_equal(of_pixels.vector, of_bytes.vector)
    np.testing.assert_array_equal(of_pixels.features, of_bytes.features)


def test_the_network_is_opened_once(cache: Path, manifest: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    query.embed(PICTURE, manifest, cache, threads=1)
    monkeypatch.setattr(query, "cached_engine", lambda *args, **options: pytest.fail("opened again"))
    query.embed(PICTURE, manifest, cache, threads=1)


def test_another_index_opens_its_own_network(cache: Path, manifest: dict[str, Any]) -> None:
    first = query.embed(PICTURE, manifest, cache, threads=1)
    other = {**manifest, "weights": SMALL_VGG.load_weights("random", 2).manifest()}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(proof, "in_child", lambda function, *args: function(*args))
        patch.setattr(factory, "find_spec", lambda name: None)  # nothing converted: by TensorFlow
        second = query.embed(PICTURE, other, cache, threads=1)
    assert not np.array_equal(first.vector, second.vector)


@pytest.mark.parametrize(("data", "reason"), [(b"<html>", "not a JPEG"), (b"", "empty file"), (PICTURE[:200], "it is damaged")])
def test_what_is_no_picture_is_refused_with_its_reason(cache: Path, manifest: dict[str, Any], data: bytes, reason: str) -> None:
    with pytest.raises(ImagesError, match=f"This picture cannot be read: {reason}"):
        query.embed(data, manifest, cache)


@pytest.mark.parametrize("change", [{"network": "unknown"}, {"weights": "unknown"}])
def test_an_index_of_an_unknown_network_cannot_be_asked(cache: Path, manifest: dict[str, Any], change: dict[str, Any]) -> None:
    with pytest.raises(EngineError, match="does not say which network made it"):
        query.embed(PICTURE, {**manifest, **change}, cache)


def test_an_index_of_other_preprocessing_cannot_be_asked(cache: Path, manifest: dict[str, Any]) -> None:
    with pytest.raises(EngineError, match="made by another version"):
        query.embed(PICTURE, {**manifest, "preprocessing": "older"}, cache)


def test_weights_that_have_changed_since_are_refused(cache: Path, manifest: dict[str, Any]) -> None:
    changed = {**manifest, "weights": {**manifest["weights"], "digest": "0" * 64}}
    with pytest.raises(WeightsError, match="made with other weights than random"):
        query.embed(PICTURE, changed, cache)


def test_a_page_never_starts_a_download(cache: Path, manifest: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query, "cached_file", lambda: None)
    imagenet = {**manifest, "weights": {"label": "imagenet", "source": "imagenet", "digest": "1" * 64}}
    with pytest.raises(WeightsError, match="no longer in Keras's cache"):
        query.embed(PICTURE, imagenet, cache)


@pytest.mark.parametrize(
    ("recorded", "usable", "wanted"),
    [
        (None, ("float32",), "float32"),
        ("bfloat16", ("float32", "bfloat16"), "bfloat16"),
        ("bfloat16", ("float32",), "float32"),  # a site on another processor than the build: the nearest it can do
        ("float32+bfloat16", ("float32", "bfloat16"), "float32+bfloat16"),
    ],
)
def test_photos_are_embedded_in_the_precision_of_the_index(
    recorded: str | None,
    usable: tuple[str, ...],
    wanted: str,
    cache: Path,
    manifest: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []

    def make(*arguments: Any) -> Any:
        asked.append(arguments[-1])
        raise EngineError("asked")

    monkeypatch.setattr(query, "usable_precisions", lambda: usable)
    monkeypatch.setattr(query, "cached_engine", lambda *_: None)
    monkeypatch.setattr(query, "make_engine", make)
    with pytest.raises(EngineError, match="asked"):
        query.embed(PICTURE, manifest | ({} if recorded is None else {"precision": recorded}), cache, threads=1)
    assert asked == [wanted]
