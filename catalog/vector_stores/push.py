"""Bringing a Qdrant collection up to an index: what is new or changed is sent, what is gone is removed, then it is verified."""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final, TypeVar

import numpy as np
from qdrant_client import models

from catalog.models import Item
from catalog.vector_stores.base import VectorStoreError
from catalog.vector_stores.points import (
    COLUMNS,
    DISTANCES,
    FILTERED,
    VECTORS,
    Payload,
    index_digest,
    named_vectors,
    payload_of,
    point_id,
)  # fmt: skip
from catalog.vector_stores.qdrant_store import FAILURES, STATE, Collection, QdrantSearch, QdrantStore
from indexing.index.record import Index
from indexing.nearest.metrics import METRICS, Metric

SAMPLE: Final = 64
RECALLED: Final = 50
LEAST_RECALL: Final = 0.99
WIDTHS: Final = (256, 512, 1024, 2048, 4096)  # tried in turn; time grows with them
_REQUEST_BYTES: Final = 8_000_000
_PAGE: Final = 1_000
_BARE: Final = ("", "", "", None, None, None, False)  # an item of the index that the catalogue does not know
_UNCHANGED: Final = ("euclid", "manhattan")  # the one under cosine is kept at length 1
T = TypeVar("T")


@dataclass(slots=True)
class PushReport:
    """How many points were sent with their vectors, got another payload, were removed, were left alone.

    recall: by metric, the share of the RECALLED nearest in the index that the collection finds, over SAMPLE items; ef: how
    widely its graph was searched for that, as it is for visitors from then on.
    """

    sent: int = 0
    updated: int = 0
    removed: int = 0
    unchanged: int = 0
    recall: dict[Metric, float] = field(default_factory=dict)
    ef: int = 0

    def __str__(self) -> str:
        recall = ", ".join(f"{metric} {share:.3f}" for metric, share in self.recall.items())
        return (
            f"{self.sent} points sent, {self.updated} updated, {self.removed} removed, {self.unchanged} unchanged; "
            f"recall@{RECALLED} at ef {self.ef}: {recall}"
        )


def push_index(collection: Collection, index: Index) -> PushReport:
    """Bring the collection up to `index` and the catalogue's rows. Interrupted, it can be run again, and goes on.

    Until it is verified, the collection counts as behind and the site asks the index file.
    Raises VectorStoreError when the server does not answer, or holds something else than was sent.
    """
    try:
        _prepare(collection, index.vectors.shape[1])
        collection.client.delete(collection.state_name, models.PointIdsList(points=[point_id(STATE)]))
        report = _send_changes(collection, index)
        _verify(collection, index)
        for ef in WIDTHS:
            report.ef, report.recall = ef, _recall(collection, index, ef)
            if min(report.recall.values()) >= LEAST_RECALL:
                break
        _write_state(collection, index, report)
    except FAILURES as error:
        raise collection.failure(error) from error
    return report


def _prepare(collection: Collection, dim: int) -> None:
    """The two collections, made where they are missing or of another shape."""
    client, name = collection.client, collection.name
    if client.collection_exists(name):
        held = client.get_collection(name).config.params.vectors
        wanted = {VECTORS[metric]: (dim, DISTANCES[metric]) for metric in METRICS}
        if not isinstance(held, dict) or {key: (one.size, one.distance) for key, one in held.items()} != wanted:
            client.delete_collection(name)
    if not client.collection_exists(name):
        params = {VECTORS[m]: models.VectorParams(size=dim, distance=DISTANCES[m], on_disk=True) for m in METRICS}
        client.create_collection(name, vectors_config=params)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # the client's local mode has no use for them, and says so each time
            for key, schema in FILTERED.items():
                client.create_payload_index(name, key, field_schema=schema)
    if not client.collection_exists(collection.state_name):
        client.create_collection(
            collection.state_name, vectors_config=models.VectorParams(size=1, distance=models.Distance.DOT)
        )


def _send_changes(collection: Collection, index: Index) -> PushReport:
    report, held = PushReport(), _held(collection)
    size = max(1, min(256, _REQUEST_BYTES // (36 * index.vectors.shape[1])))  # three times 12 characters a number
    new: list[int] = []
    other_payload: list[Payload] = []
    for row, payload in enumerate(_payloads(index)):
        vector, fields = held.pop(payload["item_id"], ("", ""))
        if vector != payload["vector"]:
            new.append(row)
        elif fields != payload["fields"]:
            other_payload.append(payload)
        else:
            report.unchanged += 1
    for ids in _batches(list(held), _PAGE):
        collection.client.delete(collection.name, models.PointIdsList(points=list(map(point_id, ids))), wait=True)
    for rows in _batches(new, size):
        payloads = _payloads(index, rows)
        points = [
            models.PointStruct(id=point_id(payload["item_id"]), vector=named_vectors(index.vectors[row]), payload=payload)
            for row, payload in zip(rows, payloads, strict=True)
        ]
        collection.client.upsert(collection.name, points, wait=True)
    for batch in _batches(other_payload, _PAGE):
        changes: list[models.UpdateOperation] = [
            models.OverwritePayloadOperation(
                overwrite_payload=models.SetPayload(payload=payload, points=[point_id(payload["item_id"])])
            )
            for payload in batch
        ]
        collection.client.batch_update_points(collection.name, changes, wait=True)
    report.sent, report.updated, report.removed = len(new), len(other_payload), len(held)
    return report


def _held(collection: Collection) -> dict[str, tuple[str, str]]:
    """What the collection holds: the digests of vector and fields by ItemID."""
    held: dict[str, tuple[str, str]] = {}
    offset: Any = None
    while True:
        points, offset = collection.client.scroll(
            collection.name, limit=_PAGE, offset=offset, with_payload=["item_id", "vector", "fields"], with_vectors=False
        )
        for point in points:
            payload = point.payload or {}
            held[str(payload.get("item_id"))] = (str(payload.get("vector")), str(payload.get("fields")))
        if offset is None:
            return held


def _payloads(index: Index, rows: Sequence[int] | None = None) -> Iterator[Payload]:
    """The payload of each of these rows of the index, or of all."""
    for batch in _batches(range(len(index)) if rows is None else rows, _PAGE):
        ids = [index.item_ids[row] for row in batch]
        known = {pk: fields for pk, *fields in Item.objects.filter(pk__in=ids).order_by().values_list("pk", *COLUMNS)}
        for row, item_id in zip(batch, ids, strict=True):
            yield payload_of(item_id, tuple(known.get(item_id, _BARE)), index.vectors[row])


def _verify(collection: Collection, index: Index) -> None:
    """Raise VectorStoreError unless the collection has as many points as the index items, and a sample of them is the same."""
    held = collection.client.count(collection.name, exact=True).count
    if held != len(index):
        raise VectorStoreError(f"Qdrant's collection {collection.name} holds {held} points, the index {len(index)} items.")
    rows = _sample(index)
    points = collection.client.retrieve(
        collection.name, [point_id(index.item_ids[row]) for row in rows], with_payload=True, with_vectors=True
    )
    by_id = {str(point.id): point for point in points}
    for row, payload in zip(rows, _payloads(index, rows), strict=True):
        point = by_id.get(point_id(payload["item_id"]))
        vectors = point.vector if point is not None else None
        same = isinstance(vectors, dict) and all(
            np.allclose(np.asarray(vectors[name], np.float32), index.vectors[row], rtol=1e-5) for name in _UNCHANGED
        )
        if point is None or not same or dict(point.payload or {}) != payload:
            raise VectorStoreError(f"Qdrant's collection {collection.name} holds another {payload['item_id']} than was sent.")


def _recall(collection: Collection, index: Index, ef: int) -> dict[Metric, float]:
    """Of the nearest that the index keeps of a sample of its items, the share that the collection finds by itself."""
    search = QdrantSearch(QdrantStore(collection, index, ef=ef), models.Filter())
    found: dict[Metric, list[float]] = {metric: [] for metric in METRICS}
    for row in _sample(index) if len(index) > 1 else ():
        near = search.nearest(index.vectors[row][None], RECALLED, own=np.array([row]))
        for metric in METRICS:
            # By distance, not by row: which of two equally far items is named is nobody's concern.
            farthest = float(index.neighbours[metric].distances[row, :RECALLED][-1])
            distances = near[metric].distances[0]
            found[metric].append(float((distances <= farthest * (1 + 1e-6)).sum()) / min(RECALLED, len(index) - 1))
    return {metric: float(np.mean(shares)) if shares else 1.0 for metric, shares in found.items()}


def _write_state(collection: Collection, index: Index, report: PushReport) -> None:
    payload = {
        "index": index_digest(index), "items": len(index), "pushed": datetime.now(UTC).isoformat(timespec="seconds"),
        "ef": report.ef, "recall": {str(metric): share for metric, share in report.recall.items()},
    }  # fmt: skip
    collection.client.upsert(
        collection.state_name, [models.PointStruct(id=point_id(STATE), vector=[1.0], payload=payload)], wait=True
    )


def _sample(index: Index) -> list[int]:
    rows = np.unique(np.linspace(0, len(index) - 1, min(SAMPLE, len(index))).astype(int))
    return [int(row) for row in rows]


def _batches(values: Sequence[T], size: int) -> Iterator[Sequence[T]]:
    return (values[start : start + size] for start in range(0, len(values), size))
