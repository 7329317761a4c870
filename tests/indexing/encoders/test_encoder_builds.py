"""`build_index --network onnx:…`: an encoder of others goes the same way as a network of our own."""

import json
import logging
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.core.management import CommandError, call_command
from numpy.typing import NDArray

from indexing import query
from indexing.build import build
from indexing.embeddings import embed_folder
from indexing.encoders.encoder import Encoder, open_encoder
from indexing.encoders.runtimes import OnnxRuntimeModel, OpenVinoModel
from indexing.engines import encoder_engine, make_engine
from indexing.engines.encoder_engine import EncoderEngine
from indexing.errors import EngineError, WeightsError
from indexing.index.record import Index
from tests.indexing.build.builds import FEW_EXTRAS, Shop
from tests.indexing.encoders import tiny_encoders

COLOURS = {"red-1": (0, 0, 255), "red-2": (40, 40, 230), "blue-1": (255, 0, 0), "green-1": (0, 255, 0)}
PREPROCESSOR = "preprocessor_config.json"


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Shop]:
    monkeypatch.setattr(build, "EXTRAS", FEW_EXTRAS)
    tiny_encoders.clip(tmp_path / "encoder")
    shop = Shop(tmp_path)
    for name, bgr in COLOURS.items():
        paint(shop, name, bgr)
    yield shop
    query.close_network()


def paint(shop: Shop, name: str, bgr: tuple[int, int, int]) -> None:
    encoded: NDArray[np.uint8] = cv2.imencode(".jpg", np.full((96, 96, 3), bgr, np.uint8))[1]
    (shop.images / f"{name}.jpg").write_bytes(encoded.tobytes() + bytes(1000))


def encoder(shop: Shop) -> str:
    return f"onnx:{shop.images.parent / 'encoder'}"


def built(shop: Shop) -> tuple[int, Index]:
    return shop.build(network=encoder(shop)).computed, shop.index()


def test_a_build_gives_vectors_of_length_one_and_says_whose(shop: Shop) -> None:
    _, index = built(shop)
    assert np.linalg.norm(index.vectors, axis=1) == pytest.approx(1, abs=1e-6)
    rows = index.neighbours["cosine"].rows
    assert index.item_ids[rows[index.rows["red-1"], 0]] == "red-2"
    manifest = index.manifest
    assert (manifest["network"], manifest["layer"], manifest["engine"], manifest["dim"]) == (
        "onnx",
        "image_embeds",
        "openvino",
        6,
    )
    assert manifest["weights"]["source"] == f"{encoder(shop)}#image_embeds"
    assert manifest["preprocessing"].startswith("onnx: rgb, shortest 8, bicubic, middle 8x8")
    assert "proved against ONNX Runtime" in " ".join(shop.log)


def test_what_was_computed_is_used_again(shop: Shop) -> None:
    built(shop)
    paint(shop, "blue-2", (255, 30, 30))
    assert built(shop)[0] == 1


def test_other_preprocessing_or_another_file_computes_anew(shop: Shop) -> None:
    built(shop)
    folder = shop.images.parent / "encoder"
    (folder / PREPROCESSOR).write_text(json.dumps(tiny_encoders.clip_preprocessor() | {"resample": 2}))
    assert built(shop)[0] == 4
    with (folder / "onnx/vision_model.onnx").open("ab") as file:
        file.write(b"\x12\x01x")  # ModelProto.producer_name: other bytes, the same graph
    assert built(shop)[0] == 4


def test_an_interrupted_build_goes_on(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    run, calls = EncoderEngine.run, [0]

    def interrupted(self: EncoderEngine, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        calls[0] += 1
        if calls[0] == 2:
            raise KeyboardInterrupt
        return run(self, batch)

    # Proved before: the proof's own runs are not those that are interrupted.
    opened = open_encoder(encoder(shop), shop.cache)
    make_engine("auto", opened.encoder, opened.weights, 2, shop.cache, 2)
    monkeypatch.setattr(EncoderEngine, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        shop.build(network=encoder(shop), batch_size=2)
    monkeypatch.setattr(EncoderEngine, "run", run)
    assert shop.build(network=encoder(shop), batch_size=2).computed == 2


def test_the_command_takes_an_encoder_and_refuses_other_names(shop: Shop) -> None:
    out = StringIO()
    paths = ["--images", str(shop.images), "--index", str(shop.path)]
    call_command("build_index", "--network", encoder(shop), *paths, stdout=out)
    assert "a text tower: search by words" in out.getvalue()
    with pytest.raises(CommandError, match=r"'resnet' is none of auto, vgg16, lite0, compact, onnx:REPO_OR_FOLDER"):
        call_command("build_index", "--network", "resnet", *paths)
    with pytest.raises(CommandError, match="brings its weights along: leave --weights away"):
        call_command("build_index", "--network", encoder(shop), "--weights", "random", *paths)
    with pytest.raises(CommandError, match="run by OpenVINO, not by mnn: leave --engine away"):
        call_command("build_index", "--network", encoder(shop), "--engine", "mnn", "--rebuild", *paths)


def test_the_library_takes_an_encoder(shop: Shop) -> None:
    found = embed_folder(shop.images, network=encoder(shop), cache_dir=shop.cache)
    assert found.names == tuple(f"{name}.jpg" for name in sorted(COLOURS))
    assert found.vectors.shape == (4, 6)


def test_a_photo_gets_the_vector_that_its_item_has(shop: Shop) -> None:
    _, index = built(shop)
    embedding = query.embed((shop.images / "red-1.jpg").read_bytes(), index.manifest, shop.cache, threads=1)
    assert embedding.vector == pytest.approx(index.vectors[index.rows["red-1"]], abs=1e-6)
    assert embedding.features is None


def test_a_photo_is_not_compared_by_other_files_than_the_items_were(shop: Shop) -> None:
    _, index = built(shop)
    folder = shop.images.parent / "encoder"
    (folder / PREPROCESSOR).write_text(json.dumps(tiny_encoders.clip_preprocessor() | {"resample": 2}))
    with pytest.raises(WeightsError, match=r"made with other files than onnx:.* now holds: run build_index"):
        query.embed(np.zeros((20, 20, 3), np.uint8), index.manifest, shop.cache)


def opened(shop: Shop) -> tuple[Encoder, EncoderEngine]:
    found = open_encoder(encoder(shop), shop.cache)
    engine = make_engine("auto", found.encoder, found.weights, 1, shop.cache)
    assert isinstance(engine, EncoderEngine)
    return found.encoder, engine


def test_a_runtime_whose_vectors_differ_is_replaced_by_the_other(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = OpenVinoModel.run
    monkeypatch.setattr(OpenVinoModel, "run", lambda self, inputs: run(self, inputs)[:, ::-1] * [1, 2, 3, 4, 5, 6])
    with caplog.at_level(logging.WARNING):
        _, engine = opened(shop)
    assert engine.name == "onnxruntime"
    assert "differ from ONNX Runtime's" in caplog.text
    monkeypatch.setattr(OpenVinoModel, "run", run)
    assert opened(shop)[1].name == "onnxruntime", "the verdict is kept"


def test_the_proof_is_made_once(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    opened(shop)
    monkeypatch.setattr(encoder_engine, "OnnxRuntimeModel", lambda *_: pytest.fail("it was proved before"))
    assert "proved against ONNX Runtime" in opened(shop)[1].explanation


def test_without_a_second_runtime_that_is_said(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoder_engine, "installed_version", lambda package: None if package == "onnxruntime" else "1")
    assert "not compared with a second runtime" in opened(shop)[1].explanation


def test_a_batch_of_any_size_gives_each_picture_its_own_vector(shop: Shop) -> None:
    found, engine = opened(shop)
    pictures = np.stack([found.prepare(np.full((9, 9, 3), bgr, np.uint8)) for bgr in [*COLOURS.values()] * 3])
    assert np.array_equal(engine.run(pictures)[:1], engine.run(pictures[:1]))
    assert engine.run(pictures).shape == (12, 6)


def test_a_joint_file_runs_in_both_runtimes(shop: Shop) -> None:
    folder = tiny_encoders.clip(shop.images.parent / "joint", joint=True)
    found = open_encoder(f"onnx:{folder}", shop.cache)
    pixels = found.encoder.prepare(np.full((9, 9, 3), (9, 60, 200), np.uint8))[np.newaxis]
    path = folder / "onnx" / "model.onnx"
    ours = OpenVinoModel(path, "image_embeds", ("pixel_values",), 1).run({"pixel_values": pixels})
    theirs = OnnxRuntimeModel(path, "image_embeds", 1).run({"pixel_values": pixels})
    assert ours == pytest.approx(theirs, abs=1e-6)


def test_an_engine_that_gives_other_numbers_than_it_said_is_named(shop: Shop) -> None:
    _, engine = opened(shop)
    engine._model = Three()
    with pytest.raises(EngineError, match=r"vectors of \(3,\) numbers instead of 6"):
        engine.run(np.zeros((1, 3, 8, 8), np.float32))


class Three:
    """A model that gives three numbers."""

    def run(self, _inputs: object) -> NDArray[np.float32]:
        return np.ones((8, 3), np.float32)
