"""The command `evaluate_index`: files in, a table, JSON or a plot out, errors in one line."""

import json
from collections.abc import Sequence
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.core.management import CommandError, call_command

from indexing.index.file import load_index, save_index
from indexing.index.record import FORMAT_VERSION, Index
from indexing.nearest.all_pairs import all_neighbours

IDS = ("a", "b", "c", "d")


@pytest.fixture
def index(tmp_path: Path) -> Path:
    vectors = np.array([[0, 1], [1, 1], [5, 1], [6, 1]], np.float32)
    rows = {item_id: row for row, item_id in enumerate(IDS)}
    manifest = {"format_version": FORMAT_VERSION, "network": "vgg16"}
    path = tmp_path / "items.pkl"
    save_index(Index(IDS, rows, vectors, all_neighbours(vectors), manifest), path)
    return path


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    return write(tmp_path / "labels.csv", "id,label", "a,left", "b,left", "c,right", "d,right", "e,right", "f,")


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def run(*arguments: str | Path) -> str:
    out = StringIO()
    call_command("evaluate_index", *map(str, arguments), stdout=out)
    return out.getvalue()


def read(*arguments: str | Path) -> Any:
    return json.loads(run(*arguments, "--json"))


def cells(text: str, name: str) -> Sequence[str]:
    return next(line.split() for line in text.splitlines() if line.startswith(name))


def test_it_says_when_hubs_are_counted_in_approximate_neighbours(index: Path, labels: Path) -> None:
    assert "approximate" not in run("--index", index, "--labels", labels)
    loaded = load_index(index)
    found = {
        "search": "approximate",
        "k": 50,
        "queries": 1000,
        "recall": {"cosine": 0.993, "euclidean": 1.0, "manhattan": 0.991},
    }
    manifest = {**loaded.manifest, "neighbours": found}
    save_index(replace(loaded, manifest=manifest), index)
    text = run("--index", index, "--labels", labels)
    assert "approximate neighbours, recall@50: cosine 0.9930, euclidean 1.0000, manhattan 0.9910" in text
    assert read("--index", index, "--labels", labels)["neighbours"] == found


def test_table_shows_scores_beside_chance(index: Path, labels: Path) -> None:
    text = run("--index", index, "--labels", labels, "--k", "1", "2")
    assert cells(text, "euclidean") == ["euclidean", "1.000", "0.500", "1.000"]
    assert cells(text, "chance") == ["chance", "0.333", "0.333", "0.611"]
    assert "4 queries among 4 labelled items" in text


def test_the_table_has_ranks_intervals_and_hubs(index: Path, labels: Path) -> None:
    lines = run("--index", index, "--labels", labels, "--k", "1").splitlines()
    ranks = lines.index("ranks                    MRR@10    nDCG@10")
    assert lines[ranks + 2].split() == ["euclidean", "1.000", "1.000"]
    assert lines[ranks + 4].split() == ["chance", "0.611", "0.710"]
    intervals = next(number for number, line in enumerate(lines) if line.startswith("95 % intervals"))
    assert lines[intervals + 2].split() == ["euclidean", *["1.000–1.000"] * 4]
    hubs = next(number for number, line in enumerate(lines) if line.startswith("hubs (first 5)"))
    assert lines[hubs + 2].split() == ["euclidean", "0.00", "3", "0.000", "a"]


def test_the_worst_queries_are_written_as_a_page(index: Path, labels: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.html"
    text = run("--index", index, "--labels", labels, "--worst", "2", "--sheet", sheet, "--images", tmp_path)
    assert str(sheet) in text
    assert "The 2 worst of 4 queries" in sheet.read_text(encoding="utf-8")
    with pytest.raises(CommandError, match=r"nowhere/sheet\.html"):
        run("--index", index, "--labels", labels, "--worst", "2", "--sheet", tmp_path / "nowhere" / "sheet.html")


def test_table_names_ids_that_the_index_does_not_hold(index: Path, labels: Path) -> None:
    assert "Of the labelled ids, 1 have no vector in the index: e" in run("--index", index, "--labels", labels)


def test_json_holds_the_same(index: Path, labels: Path) -> None:
    answer = read("--index", index, "--labels", labels)["labels"]
    assert answer["overall"]["euclidean"]["P@1"] == 1
    assert answer["by_label"]["manhattan"]["left"]["queries"] == 2


def test_pairs(index: Path, tmp_path: Path) -> None:
    pairs = write(tmp_path / "pairs.csv", "id_a,id_b", "a,b", "c,a")
    answer = read("--index", index, "--pairs", pairs)
    assert answer["pairs"]["hits"]["euclidean"] == {"hit@1": 0.5, "hit@5": 1, "hit@10": 1}
    assert answer["pairs"]["MRR@10"]["euclidean"] == pytest.approx((1 + 1 / 3) / 2)
    assert answer["hubs"]["manhattan"]["largest"] == 3
    assert cells(run("--index", index, "--pairs", pairs), "euclidean") == ["euclidean", "0.500", "1.000", "1.000"]


def test_chosen_queries(index: Path, labels: Path, tmp_path: Path) -> None:
    queries = write(tmp_path / "queries.csv", "id,whatever", "a,1")
    assert read("--index", index, "--labels", labels, "--queries", queries)["labels"]["queries"] == 1


def test_plot(index: Path, labels: Path, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    run("--index", index, "--labels", labels, "--plot", tmp_path / "scores.svg")
    assert "<svg" in (tmp_path / "scores.svg").read_text()


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["a,b"], "must begin with the line id,label"),
        (["id,label"], "no lines under its header"),
        (["id,label", "a,x", "a,y"], "labels a twice"),
        (["id,label", "zz,x", "zy,x"], "0 of the index's 4 items have a label"),
    ],
)
def test_bad_labels_end_in_one_clear_line(index: Path, tmp_path: Path, lines: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run("--index", index, "--labels", write(tmp_path / "bad.csv", *lines))


def test_a_file_that_is_not_text_is_named(index: Path, tmp_path: Path) -> None:
    (tmp_path / "bad.csv").write_bytes(b"id,label\n\xff\xfe,x\n")
    with pytest.raises(CommandError, match="not a CSV file in UTF-8"):
        run("--index", index, "--labels", tmp_path / "bad.csv")


def test_missing_files_are_named(index: Path, labels: Path, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"nowhere\.csv cannot be read"):
        run("--index", index, "--labels", tmp_path / "nowhere.csv")
    with pytest.raises(CommandError, match="build_index"):
        run("--index", tmp_path / "nowhere.pkl", "--labels", labels)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "--labels"),
        (["--pairs", "p.csv", "--plot", "p.svg"], "--plot"),
        (["--labels", "l", "--k", "0"], "--k"),
        (["--pairs", "p", "--worst", "3"], "--worst"),
        (["--labels", "l", "--worst", "0"], "--worst"),
    ],
)
def test_options_that_make_no_sense_are_refused(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*arguments)
