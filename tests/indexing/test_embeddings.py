"""The library's entry: `from indexing import embed_folder, load_index`."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

import indexing
from indexing import embeddings as module
from indexing.errors import ImagesError
from indexing.index.record import Index
from indexing.nearest.all_pairs import all_neighbours
from indexing.networks.choice import Choice
from tests.indexing.build.builds import CountingEngine
from tests.indexing.small_networks import SMALL_VGG

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> CountingEngine:
    """A small network and an engine whose vectors follow from the pixels, in batches of four."""
    fake = CountingEngine()
    monkeypatch.setattr(module, "choose_network", lambda *_args: Choice(SMALL_VGG, SMALL_VGG.load_weights("random", 1), ()))
    monkeypatch.setattr(module, "make_engine", lambda *_args, **_options: fake)
    return fake


def draw(folder: Path, name: str, value: int) -> None:
    (folder / name).write_bytes(cv2.imencode(Path(name).suffix, np.full((20, 20, 3), value, np.uint8))[1].tobytes())


def test_a_folder_gets_a_vector_a_picture_by_name(engine: CountingEngine, tmp_path: Path) -> None:
    for number, name in enumerate(("e.png", "b.jpg", "d.bmp", "a.PNG", "c.jpeg")):
        draw(tmp_path, name, 40 * number)
    (tmp_path / "broken.jpg").write_text("<html>")
    (tmp_path / "notes.txt").write_text("no picture")
    embeddings = module.embed_folder(tmp_path)
    assert embeddings.names == ("a.PNG", "b.jpg", "c.jpeg", "d.bmp", "e.png")
    assert embeddings.vectors.shape == (5, SMALL_VGG.spec.dim)
    assert embeddings.vectors[:, 0].argsort().tolist() == [4, 1, 3, 0, 2]  # as bright as the pictures: e, b, d, a, c
    assert list(embeddings.skipped) == ["broken.jpg"]
    assert engine.closed


@pytest.mark.parametrize(("files", "reason"), [((), "no picture"), (("a.jpg",), "Not one of the 1 pictures")])
@pytest.mark.usefixtures("engine")
def test_a_folder_without_pictures_is_refused(files: tuple[str, ...], reason: str, tmp_path: Path) -> None:
    for name in files:
        (tmp_path / name).write_text("<html>")
    with pytest.raises(ImagesError, match=reason):
        module.embed_folder(tmp_path)
    with pytest.raises(ImagesError, match="There is no folder"):
        module.embed_folder(tmp_path / "missing")


def test_an_index_names_the_nearest_of_an_item() -> None:
    vectors = np.array([[0], [1], [3], [7]], np.float32)
    items = ("a", "b", "c", "d")
    index = Index(items, {name: row for row, name in enumerate(items)}, vectors, all_neighbours(vectors), {})
    assert index.nearest("c", k=2, metric="euclidean") == [("b", 2.0), ("a", 3.0)]
    assert [name for name, _ in index.nearest("a", k=99, metric="manhattan")] == ["b", "c", "d"]
    with pytest.raises(KeyError):
        index.nearest("z")


def test_the_names_are_those_of_the_modules() -> None:
    assert indexing.embed_folder is module.embed_folder
    assert {getattr(indexing, name) is not None for name in indexing.__all__} == {True}
    missing: Any = "no_such_name"
    with pytest.raises(AttributeError, match="no_such_name"):
        getattr(indexing, missing)


def test_importing_a_part_does_not_load_the_rest() -> None:
    code = (
        "import sys, indexing.nearest.metrics; print([m for m in ('cv2', 'indexing.embeddings', 'joblib') if m in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"
