"""The page of the worst queries."""

import re
from pathlib import Path

import cv2
import numpy as np
import pytest

from indexing.evaluation.contact_sheet import contact_sheet, preview_pictures, worst_queries
from indexing.evaluation.scores import retrieve
from indexing.index.record import Index
from indexing.nearest.all_pairs import all_neighbours

# On this line e's nearest is d, then c; of its label y only c is. c finds e last: it fares worst.
LINE = np.array([[0], [1], [3], [7], [15]], np.float32)
IDS = ("a", "b", "c", "d", "e")
LABELS = {"a": "x", "b": "x", "c": "<y>", "d": "x", "e": "<y>"}


@pytest.fixture
def index() -> Index:
    thumbnails = np.zeros((5, 48, 48, 3), np.uint8)
    rows = {name: row for row, name in enumerate(IDS)}
    return Index(IDS, rows, LINE, all_neighbours(LINE), {}, {"thumbnails": thumbnails})


def test_the_worst_come_first() -> None:
    assert [IDS[query] for query in worst_queries(retrieve(IDS, LINE, LABELS), "euclidean", 3)] == ["c", "e", "d"]


def test_a_row_shows_the_query_and_what_it_found(index: Index) -> None:
    page = contact_sheet(index, retrieve(IDS, LINE, LABELS), "euclidean", 1, lambda item_id: item_id.encode())
    assert re.findall(r"<figcaption>(.*?)</figcaption>", page) == [
        "c · &lt;y&gt;",
        "b · x · 2.000",
        "a · x · 3.000",
        "d · x · 4.000",
        "e · &lt;y&gt; · 12.000",
    ]
    assert re.findall(r'class="(right|wrong)"', page) == ["wrong", "wrong", "wrong", "right"]
    assert "AP@10 0.25" in page


def test_pictures_are_previews_or_else_thumbnails_or_none(index: Index, tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(cv2.imencode(".jpg", np.full((300, 200, 3), 255, np.uint8))[1].tobytes())
    picture = preview_pictures(tmp_path, index)
    shapes = [cv2.imdecode(np.frombuffer(picture(name) or b"", np.uint8), cv2.IMREAD_COLOR) for name in ("a", "b")]
    assert [(p.shape, int(p.mean())) for p in shapes if p is not None] == [((128, 85, 3), 255), ((128, 128, 3), 0)]
    bare = Index(index.item_ids, index.rows, index.vectors, index.neighbours, {})
    assert preview_pictures(tmp_path, bare)("b") is None
