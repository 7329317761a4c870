"""Which engine is made, the proof that MNN must give, and the cache of converted models."""

import json
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from indexing.engines import cached_engine, factory, make_engine, mnn_conversion, model_cache, proof, tensorflow_engine, trial
from indexing.engines.base import FullEngine
from indexing.engines.child import in_child
from indexing.engines.mnn_engine import MnnEngine
from indexing.errors import EngineError
from tests.indexing.small_networks import SMALL_VGG, pictures, seeded


@pytest.fixture
def cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factory, "usable_gpu", lambda: False)


@pytest.fixture
def mnn_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """OpenVINO is not installed."""
    monkeypatch.setattr(factory, "find_spec", lambda name: None if name == "openvino" else find_spec(name))


@pytest.fixture
def proved(tmp_path: Path, children: list[str]) -> Iterator[FullEngine]:
    """MNN, converted and proved for the first time, its cache in `tmp_path`."""
    engine = make_engine("mnn", SMALL_VGG, seeded(), 1, tmp_path)
    assert (engine.name, children) == ("mnn", ["convert", "reference"])
    children.clear()
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def conversions(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The small network with two sets of weights, converted by MNN once for all tests: digest → folder."""
    folders = {seeded(seed).digest: tmp_path_factory.mktemp(f"seed{seed}") for seed in (1, 2)}
    for seed in (1, 2):
        in_child(mnn_conversion.convert, SMALL_VGG.graph, seeded(seed), folders[seeded(seed).digest])
    return folders


@pytest.fixture(autouse=True)
def children(monkeypatch: pytest.MonkeyPatch, conversions: dict[str, Path]) -> list[str]:
    """What is sent to a process of its own, noted; computed here, where TensorFlow is loaded already, or taken from above."""
    calls: list[str] = []

    def here(function: Any, *args: Any) -> Any:
        calls.append(function.__name__)
        if function is mnn_conversion.convert:
            _graph, weights, folder = args
            return shutil.copytree(conversions[weights.digest], folder, dirs_exist_ok=True)
        return function(*args)

    for module in (factory, model_cache, proof):
        monkeypatch.setattr(module, "in_child", here)
    return calls


def test_an_unknown_engine_is_named_with_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="no engine 'caffe': choose one of auto, tensorflow, mnn"):
        make_engine("caffe", SMALL_VGG, seeded(), 1, tmp_path)


def test_an_engine_that_is_not_installed_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factory, "find_spec", lambda name: None)
    with pytest.raises(EngineError, match=r"mnn is not installed: .*--engine tensorflow"):
        make_engine("mnn", SMALL_VGG, seeded(), 1, tmp_path)


@pytest.mark.usefixtures("cpu")
def test_without_mnn_auto_takes_tensorflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factory, "find_spec", lambda name: None)
    assert make_engine("auto", SMALL_VGG, seeded(), 1, tmp_path).name == "tensorflow"


def test_with_a_gpu_auto_takes_tensorflow(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factory, "usable_gpu", lambda: True)
    assert make_engine("auto", SMALL_VGG, seeded(), 1, tmp_path).name == "tensorflow"


def test_a_device_that_tensorflow_cannot_use_is_no_gpu(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "nvidia0").touch()
    monkeypatch.setattr(tensorflow_engine, "GPU_DEVICES", (str(tmp_path / "nvidia0"),))
    monkeypatch.setattr("tensorflow.config.list_physical_devices", lambda kind: [])
    assert not tensorflow_engine.usable_gpu()
    assert "tensorflow[and-cuda]" in caplog.text


def test_half_precision_is_not_for_cpus(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match="Half precision is for TensorFlow on a GPU"):
        make_engine("mnn", SMALL_VGG, seeded(), 1, tmp_path, half_precision=True)


def test_the_engine_is_opened_when_the_children_are_gone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, children: list[str]
) -> None:
    """Its weights and a child's must not be in memory together."""

    def opened(*args: Any) -> MnnEngine:
        children.append("opened")
        return MnnEngine(*args)

    monkeypatch.setattr(trial, "MnnEngine", opened)
    make_engine("mnn", SMALL_VGG, seeded(), 1, tmp_path).close()
    assert children == ["convert", "reference", "opened"]


@pytest.mark.usefixtures("cpu", "mnn_alone", "proved")
def test_converted_and_proved_once(tmp_path: Path, children: list[str]) -> None:
    again = make_engine("auto", SMALL_VGG, seeded(), 1, tmp_path)
    assert (again.name, children) == ("mnn", [])
    assert "proved against TensorFlow on 4 pictures: cosine ≥ " in again.explanation


@pytest.mark.usefixtures("proved")
def test_other_weights_are_converted_to_a_model_of_their_own(tmp_path: Path, children: list[str], proved: FullEngine) -> None:
    other = make_engine("mnn", SMALL_VGG, seeded(2), 1, tmp_path)
    assert children == ["convert", "reference"]
    assert len([path for path in (tmp_path / "models").iterdir() if path.is_dir()]) == 2
    assert not np.array_equal(other.run(pictures(1)), proved.run(pictures(1)))


@pytest.mark.usefixtures("proved")
@pytest.mark.parametrize("name", [mnn_conversion.MODEL, mnn_conversion.NUMBERS])
def test_a_damaged_model_is_converted_again(tmp_path: Path, children: list[str], name: str) -> None:
    (folder,) = (path for path in (tmp_path / "models").iterdir() if path.is_dir())
    expected = make_engine("mnn", SMALL_VGG, seeded(), 1, tmp_path).run(pictures(2))
    damaged = bytearray((folder / name).read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    (folder / name).write_bytes(damaged)
    assert cached_engine(SMALL_VGG, seeded().digest, tmp_path) is None
    np.testing.assert_array_equal(make_engine("mnn", SMALL_VGG, seeded(), 1, tmp_path).run(pictures(2)), expected)
    assert children == ["convert", "reference"]


@pytest.mark.usefixtures("cpu", "proved")
def test_what_a_killed_conversion_left_is_cleared_away(tmp_path: Path) -> None:
    left = tmp_path / "models" / f"{model_cache.PART_PREFIX}abc"
    left.mkdir()
    (left / "network.onnx.data").write_bytes(b"half")
    make_engine("mnn", SMALL_VGG, seeded(2), 1, tmp_path)
    assert not left.exists()


def noise(engine: MnnEngine, batch: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.random.default_rng(0).random((len(batch), 24)).astype(np.float32)


def not_a_number(engine: MnnEngine, batch: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.full((len(batch), 24), np.nan, dtype=np.float32)


def endless(engine: MnnEngine, batch: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.full((len(batch), 24), np.inf, dtype=np.float32)


@pytest.mark.parametrize("wrong", [noise, not_a_number, endless])
def test_an_engine_that_fails_its_proof_is_replaced_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, wrong: Any
) -> None:
    monkeypatch.setattr(MnnEngine, "outputs", wrong)
    engine = make_engine("mnn", SMALL_VGG, seeded(), 1, tmp_path)
    assert engine.name == "tensorflow"
    assert "not MNN, whose vectors differ" in engine.explanation
    assert "TensorFlow is used instead" in caplog.text
    assert cached_engine(SMALL_VGG, seeded().digest, tmp_path) is None


def test_a_cosine_just_below_the_bar_fails_and_one_at_it_passes() -> None:
    right = np.array([[1.0, 0.0], [3.0, 4.0]], dtype=np.float32)
    bent = np.array([[1.0, 0.0142], [3.0, 4.0]], dtype=np.float32)  # cos = 1 / sqrt(1 + 0.0142²) = 0.999899
    near = np.array([[1.0, 0.0141], [3.0, 4.0]], dtype=np.float32)  # 0.999901
    assert proof.least_cosine(bent, right) < proof.LEAST_COSINE <= proof.least_cosine(near, right)
    assert proof.least_cosine(right, right) == 1


def test_rows_of_zeros_agree_only_with_zeros() -> None:
    zeros, ones = np.zeros((1, 3), dtype=np.float32), np.ones((1, 3), dtype=np.float32)
    assert proof.least_cosine(zeros, zeros) == 1
    assert proof.least_cosine(zeros, ones) == 0


def test_a_full_disk_is_named_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 1000})())
    with pytest.raises(EngineError, match=r"cannot be kept in .*models: .* Make room, set CACHE_DIR"):
        make_engine("mnn", SMALL_VGG, seeded(), 1, tmp_path)
    assert [path.name for path in (tmp_path / "models").iterdir() if path.is_dir()] == []


def test_a_cache_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    with pytest.raises(EngineError, match="cannot be kept in"):
        make_engine("mnn", SMALL_VGG, seeded(), 1, tmp_path / "cache")


@pytest.mark.usefixtures("proved")
def test_the_cache_alone_is_enough_for_the_site(tmp_path: Path, children: list[str], proved: FullEngine) -> None:
    engine = cached_engine(SMALL_VGG, seeded().digest, tmp_path, threads=1)
    assert engine is not None
    np.testing.assert_array_equal(engine.run(pictures(2)), proved.run(pictures(2)))
    assert children == []


def test_a_model_without_proof_is_not_enough(tmp_path: Path, proved: FullEngine) -> None:
    (proof,) = tmp_path.glob("models/*/proof.json")
    assert json.loads(proof.read_text())["least_cosine"] > 0.99999
    proof.unlink()
    assert cached_engine(SMALL_VGG, seeded().digest, tmp_path) is None
