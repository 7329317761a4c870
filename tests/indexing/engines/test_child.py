"""Work in a process of its own: answers and errors come back, and nothing else does."""

import sys
from pathlib import Path

import pytest

from indexing.engines import make_engine, mnn_conversion
from indexing.engines.child import in_child
from indexing.errors import EngineError, WeightsError
from indexing.networks.graph import Graph
from indexing.weights.record import Weights
from tests.indexing.small_networks import SMALL_VGG, cosines, pictures, seeded


def imported(name: str) -> bool:
    __import__(name)
    return name in sys.modules


def shouting() -> str:
    print("the child's own words")
    return "answer"


def fails_by_weights() -> None:
    raise WeightsError("fc1 is missing")


def fails_by_itself() -> None:
    raise SystemExit(3)


def test_what_a_child_imports_stays_there() -> None:
    assert in_child(imported, "wave")
    assert "wave" not in sys.modules


def test_what_a_child_prints_is_not_mixed_with_ours(capfd: pytest.CaptureFixture[str]) -> None:
    assert in_child(shouting) == "answer"
    assert capfd.readouterr() == ("", "")


def test_errors_come_back_as_they_are() -> None:
    with pytest.raises(WeightsError, match="fc1 is missing"):
        in_child(fails_by_weights)


def test_a_child_that_dies_is_reported() -> None:
    with pytest.raises(EngineError, match=r"fails_by_itself failed in its own process \(exit 3\)"):
        in_child(fails_by_itself)


@pytest.mark.slow
def test_mnn_is_converted_and_proved_by_children(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    """The whole first use as a person meets it: two processes, no word from the libraries."""
    engine = make_engine("mnn", SMALL_VGG, seeded(), 1, tmp_path)
    assert engine.name == "mnn"
    assert capfd.readouterr() == ("", "")
    reference = make_engine("tensorflow", SMALL_VGG, seeded(), 1, tmp_path)
    assert cosines(engine.run(pictures(3)), reference.run(pictures(3))).min() > 0.99999


def folder_of_a_conversion(graph: Graph, weights: Weights, folder: Path) -> Path:
    mnn_conversion.convert(graph, weights, folder)
    return Path.cwd()


def test_a_conversion_works_beside_its_result(tmp_path: Path) -> None:
    """Two builds started in one folder would otherwise write over the converter's own file there."""
    model = tmp_path / "model"
    model.mkdir()
    assert in_child(folder_of_a_conversion, SMALL_VGG.graph, seeded(), model) == tmp_path
