"""How an index's items lie in a Qdrant collection: ids, named vectors, payload, filters."""

import hashlib
import json
import uuid
from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray
from qdrant_client import models

from catalog.similar.narrowing import Narrowing
from indexing.index.record import Index
from indexing.nearest.metrics import Metric

# The names of the three vectors that each point has: one for each metric, since Qdrant indexes a vector under one distance.
VECTORS: Final[Mapping[Metric, str]] = {"cosine": "cosine", "euclidean": "euclid", "manhattan": "manhattan"}
DISTANCES: Final[Mapping[Metric, models.Distance]] = {
    "cosine": models.Distance.COSINE,
    "euclidean": models.Distance.EUCLID,
    "manhattan": models.Distance.MANHATTAN,
}
FILTERED: Final[Mapping[str, models.PayloadSchemaType]] = {
    "category": models.PayloadSchemaType.KEYWORD,
    "colour": models.PayloadSchemaType.KEYWORD,
    "style": models.PayloadSchemaType.KEYWORD,
    "price": models.PayloadSchemaType.FLOAT,
    "in_stock": models.PayloadSchemaType.BOOL,
    "delisted": models.PayloadSchemaType.BOOL,
    "hidden": models.PayloadSchemaType.BOOL,
}
COLUMNS: Final = ("category", "dominant_colour", "style", "price", "in_stock", "delisted_at", "hidden")
_NAMESPACE: Final = uuid.UUID("6f0a2c0e-5d0c-4d3a-9d0b-5e3f4f0c7a11")
Payload = dict[str, Any]


def point_id(item_id: str) -> str:
    """Qdrant takes numbers and UUIDs only."""
    return str(uuid.uuid5(_NAMESPACE, item_id))


def payload_of(item_id: str, row: tuple[Any, ...], vector: NDArray[np.float32]) -> Payload:
    """What lies beside the vectors. row: the catalogue's COLUMNS.

    `vector` and `fields` are digests, by which the next push knows what changed.
    """
    category, colour, style, price, in_stock, delisted_at, hidden = row
    payload: Payload = {
        "category": category,
        "colour": colour,
        "style": style,
        "price": None if price is None else float(price),
        "in_stock": in_stock,
        "delisted": delisted_at is not None,
        "hidden": hidden,
    }
    fields = hashlib.blake2b(json.dumps(payload, sort_keys=True).encode(), digest_size=8).hexdigest()
    digest = hashlib.blake2b(np.ascontiguousarray(vector).tobytes(), digest_size=16).hexdigest()
    known = {name: value for name, value in payload.items() if value is not None}  # Qdrant may drop an empty one or keep it
    return {"item_id": item_id, **known, "vector": digest, "fields": fields}


def named_vectors(vector: NDArray[np.float32]) -> dict[str, Any]:
    """One vector under its three names."""
    numbers = vector.tolist()
    return dict.fromkeys(VECTORS.values(), numbers)


def filter_of(narrowing: Narrowing) -> models.Filter:
    """What the narrowing admits, as `Narrowing.admits` does."""
    must: list[models.Condition] = [_equals("delisted", False), _equals("hidden", False)]
    must_not: list[models.Condition] = [] if narrowing.in_stock == "any" else [_equals("in_stock", False)]
    wanted = {"category": narrowing.category, "colour": narrowing.colour, "style": narrowing.style}
    must += [_equals(name, value) for name, value in wanted.items() if value]
    if narrowing.price_max is not None:
        must.append(models.FieldCondition(key="price", range=models.Range(lte=_number(narrowing.price_max))))
    return models.Filter(must=must, must_not=must_not)


def index_digest(index: Index) -> str:
    """Changes when the index is built anew; equal for one index in all processes."""
    manifest = index.manifest
    weights = manifest.get("weights")
    made_by = [manifest.get(name) for name in ("network", "layer", "preprocessing", "precision", "created")]
    content = [made_by, weights.get("digest") if isinstance(weights, dict) else weights, index.vectors.shape, index.item_ids]
    return hashlib.sha256(json.dumps(content).encode()).hexdigest()[:32]


def _equals(key: str, value: str | bool) -> models.FieldCondition:
    return models.FieldCondition(key=key, match=models.MatchValue(value=value))


def _number(price: Decimal) -> float:
    return float(price)
