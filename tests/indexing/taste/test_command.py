"""`manage.py evaluate_taste`."""

import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from indexing.index.file import save_index
from indexing.taste.formulas import FORMULAS
from tests.catalog.builders import make_index


@pytest.fixture
def index(tmp_path: Path) -> Path:
    """Two clean labels of 20 items each, on two axes."""
    rng = np.random.default_rng(0)
    vectors = np.repeat(np.eye(2), 20, axis=0) + rng.uniform(0, 0.1, (40, 2))
    save_index(make_index({f"i{row}": tuple(vector) for row, vector in enumerate(vectors)}), tmp_path / "index.pkl")
    (tmp_path / "labels.csv").write_text("id,label\n" + "".join(f"i{row},{'xy'[row // 20]}\n" for row in range(40)))
    return tmp_path


def run(folder: Path, *more: str) -> str:
    out = StringIO()
    files = ["--labels", str(folder / "labels.csv"), "--index", str(folder / "index.pkl"), "--rounds", "1"]
    call_command("evaluate_taste", *files, *more, stdout=out)
    return out.getvalue()


def test_the_table_has_a_line_for_each_formula(index: Path) -> None:
    lines = run(index).splitlines()
    assert [line.split()[0] for line in lines] == ["formula", *FORMULAS]
    assert all(line.split()[2] == "1.000" for line in lines[1:])


def test_json_says_the_same(index: Path) -> None:
    rows = json.loads(run(index, "--json", "--formula", "rocchio", "--push", "0", "0.5"))
    assert [(row["formula"], row["push"], row["one"]) for row in rows] == [("rocchio", 0.0, 1.0), ("rocchio", 0.5, 1.0)]


def test_labels_too_rare_to_hide_are_one_clear_line(index: Path) -> None:
    (index / "labels.csv").write_text("id,label\ni0,x\ni1,y\n")
    with pytest.raises(CommandError, match="Two labels"):
        run(index)


def test_a_missing_index_is_one_clear_line(index: Path) -> None:
    (index / "index.pkl").unlink()
    with pytest.raises(CommandError, match="no index"):
        run(index)
