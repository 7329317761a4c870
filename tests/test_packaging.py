"""`pip wheel .` builds, and what it builds works as a library away from the checkout."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest

from indexing.index.file import save_index
from indexing.index.record import Index
from indexing.nearest.all_pairs import all_neighbours

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("recommender", "catalog", "scraping", "indexing", "imaging", "demo")
DATA = {"indexing/weights/compact.npz", "indexing/weights/compact.json", "demo/pages/base.html"}


def is_development_file(path: str) -> bool:
    return "__pycache__" in path or path.endswith((".pyc", ".md"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from a copy of the sources by the setuptools that is installed: nothing is downloaded."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "requirements.in", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for room in (*ROOMS, "training", "tests/indexing"):
        shutil.copytree(ROOT / room, source / room, ignore=shutil.ignore_patterns("__pycache__"))
    command = [sys.executable, "-m", "pip", "wheel", "--no-deps", "--no-build-isolation", "--no-index", "--quiet"]
    subprocess.run([*command, "--wheel-dir", str(target), str(source)], check=True, capture_output=True)
    (path,) = target.glob("visual_recommender-*.whl")
    return path


def test_it_holds_every_module_of_the_rooms_and_what_they_read(wheel: Path) -> None:
    packed = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    modules = {path.relative_to(ROOT).as_posix() for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert packed >= DATA
    assert {name for name in packed if name.endswith(".py")} == modules
    assert not [name for name in packed if is_development_file(name)]


def test_as_a_library_it_loads_an_index_and_names_the_nearest(wheel: Path, tmp_path: Path) -> None:
    vectors = np.array([[1, 0], [0.9, 0.1], [0, 1]], np.float32)
    items = ("cat", "dog", "car")
    index = Index(items, {name: row for row, name in enumerate(items)}, vectors, all_neighbours(vectors), {"format_version": 1})
    save_index(index, tmp_path / "items.pkl")
    site_packages = tmp_path / "site-packages"
    zipfile.ZipFile(wheel).extractall(site_packages)
    code = "from indexing import load_index; print(load_index('items.pkl').nearest('cat', k=1)[0][0])"
    environment = {**os.environ, "PYTHONPATH": str(site_packages)}
    answer = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert (answer.stdout, answer.stderr) == ("dog\n", "")
