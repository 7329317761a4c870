"""A page of the queries with the lowest scores, each beside its nearest: scores say how often, pictures say why."""

import base64
from collections.abc import Callable, Sequence
from html import escape
from pathlib import Path
from typing import Final

import numpy as np

from indexing.errors import EvaluationError
from indexing.evaluation.ranking_scores import MAP, query_scores
from indexing.evaluation.scores import Retrieval
from indexing.index.record import Index
from indexing.nearest.metrics import Metric

SHOWN: Final = 10
SIDE: Final = 128
_STYLE: Final = """
body { font: 14px/1.4 system-ui, sans-serif; margin: 2rem; color: #1c1c1e; background: #fff; }
table { border-spacing: 6px; } td { vertical-align: top; } th { text-align: left; font-weight: 400; }
figure { margin: 0; width: 128px; }
img, .none { width: 128px; height: 128px; object-fit: contain; background: #f0f0f2; display: block; }
figcaption { overflow-wrap: anywhere; font-size: 12px; }
.right { outline: 3px solid #1a7f37; }
.wrong { outline: 3px solid #c62828; }
"""
Picture = Callable[[str], bytes | None]


def worst_queries(retrieval: Retrieval, metric: Metric, count: int) -> list[int]:
    """The `count` queries (their numbers in `retrieval.queries`) of the smallest AP@10; ties: the smaller row first."""
    scores = query_scores(retrieval.relevant(metric), retrieval.totals, ())[MAP]
    return [int(query) for query in np.argsort(scores, kind="stable")[:count]]


def contact_sheet(index: Index, retrieval: Retrieval, metric: Metric, count: int, picture: Picture) -> str:
    """An HTML page, complete in itself: a row for each of the `count` worst queries and its SHOWN nearest labelled items.

    picture: an item's picture as JPEG bytes, or None.
    """
    scores = query_scores(retrieval.relevant(metric), retrieval.totals, ())[MAP]
    relevant, nearest = retrieval.relevant(metric), retrieval.nearest[metric]
    rows = []
    for query in worst_queries(retrieval, metric, count):
        cells = [_figure(index, retrieval, int(retrieval.queries[query]), picture, "")]
        for rank, position in enumerate(nearest.rows[query, :SHOWN].tolist()):
            kind = "right" if relevant[query, rank] else "wrong"
            cells.append(_figure(index, retrieval, position, picture, kind, float(nearest.distances[query, rank])))
        rows.append(f"<tr><th>{MAP[1:]} {scores[query]:.2f}</th>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
    title = f"The {len(rows)} worst of {len(retrieval.queries)} queries, {metric} distance"
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        f"<h1>{title}</h1><p>Left the query, then its nearest. Green: of the query's label.</p>"
        f"<table>{''.join(rows)}</table></html>\n"
    )


def preview_pictures(images: Path, index: Index) -> Picture:
    """Pictures of items for a sheet: their previews `<ItemID>.jpg`, else the thumbnails that the index holds."""
    import cv2

    from imaging.decoding import decode

    thumbnails = index.extras.get("thumbnails")

    def picture(item_id: str) -> bytes | None:
        path = images / f"{item_id}.jpg"
        pixels = decode(path.read_bytes()) if path.is_file() else None
        if pixels is None and thumbnails is not None:
            pixels = np.ascontiguousarray(thumbnails[index.rows[item_id]][:, :, ::-1])
        if pixels is None:
            return None
        shrink = SIDE / max(pixels.shape[:2])
        small = cv2.resize(pixels, None, fx=shrink, fy=shrink, interpolation=cv2.INTER_AREA)
        return cv2.imencode(".jpg", small)[1].tobytes()

    return picture


def write_contact_sheet(page: str, path: Path) -> None:
    """Raises EvaluationError when it cannot be written."""
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise EvaluationError(f"The contact sheet cannot be written to {path}: {error.strerror or error}.") from error


def _figure(
    index: Index, retrieval: Retrieval, position: int, picture: Picture, kind: str, distance: float | None = None
) -> str:
    item_id, label = index.item_ids[int(retrieval.gallery[position])], retrieval.labels[int(retrieval.codes[position])]
    data = picture(item_id)
    image = '<div class="none"></div>'
    if data is not None:
        image = f'<img class="{kind}" alt="" src="data:image/jpeg;base64,{base64.b64encode(data).decode()}">'
    details: Sequence[str] = [item_id, label, *([] if distance is None else [f"{distance:.3f}"])]
    return f"<figure>{image}<figcaption>{escape(' · '.join(details))}</figcaption></figure>"
