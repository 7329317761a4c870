"""A site on an index of float16 shows what it shows on the same numbers in float32."""

from dataclasses import replace
from typing import Any, Final

import cv2
import numpy as np
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from numpy.typing import NDArray

from catalog import index_store
from catalog.index_store import get_index
from catalog.photo import inference_pool
from indexing import query
from indexing.extras.layout import layout
from indexing.extras.map_grid import map_arrays
from indexing.extras.quantiles import distance_quantiles
from indexing.index.file import load_index
from tests.catalog.builders import MANIFEST, POINTS, add_items, make_index, write_index, write_preview
from tests.catalog.map.test_sprites import join

# float16 keeps each of these numbers as it is, and cannot keep their squares.
FAR: Final = {item_id: (256 * x, 256 * y) for item_id, (x, y) in POINTS.items()}
JSON: Final = (
    "/api/v1/items/a", "/api/v1/items/a/similar?k=5", "/api/v1/items/a/similar?k=5&metric=manhattan&price_max=20",
    "/api/v1/items/c/similar?metric=euclidean&folded=true&price_max=20", "/api/v1/compare/a/b", "/api/v1/map",
    "/api/v1/taste?like=a,b&dislike=c", "/api/v1/taste?like=a,c&formula=rocchio", "/api/v1/taste?like=a,c&formula=nearest",
)  # fmt: skip
PAGES: Final = (
    "/", "/items/a/", "/items/a/?metric=euclidean&price_max=20", "/items/", "/recent/?ids=a,b", "/compare/a/b/", "/map/",
    "/map/items/a/", "/taste/?like=a,b&dislike=c", "/search/photo/", "/widget/demo/", "/readyz",
)  # fmt: skip


def embed(_picture: NDArray[np.uint8], *_: Any) -> query.Embedding:
    return query.Embedding(np.array([256, 64], np.float32), np.empty((0, 0, 0), np.float32))


@pytest.fixture
def client(db: None, monkeypatch: pytest.MonkeyPatch) -> Client:
    add_items()
    for item_id in FAR:
        write_preview(item_id, 64, 64)
    monkeypatch.setattr(inference_pool, "_pool", None)
    monkeypatch.setattr(query, "embed", embed)
    return Client()


def answers(client: Client) -> dict[str, Any]:
    """What the pages' and the API's addresses answer; of a page, whether it does."""
    index_store._stores.clear()
    found: dict[str, Any] = {address: client.get(address).json() for address in JSON}
    found |= {address: client.get(address).status_code for address in PAGES}
    encoded = cv2.imencode(".png", np.zeros((40, 30, 3), np.uint8))[1].tobytes()
    for metric in ("cosine", "euclidean", "manhattan"):
        photo = SimpleUploadedFile("me.png", encoded, "image/png")
        answer = client.post("/api/v1/search", {"photo": photo, "metric": metric, "k": 5}).json()
        found[f"photo, {metric}"] = answer["neighbours"]
    return found


def test_it_shows_what_float32_would(client: Client) -> None:
    vectors = np.array(list(FAR.values()), np.float32)
    extras = {**distance_quantiles(vectors), **map_arrays(layout(vectors))}
    whole = make_index(FAR, {**MANIFEST, "items": 6, "dim": 2}, extras)
    write_index(whole)
    before = answers(client)
    rounded: Any = vectors.astype(np.float16)
    write_index(replace(whole, vectors=rounded))
    assert load_index(settings.INDEX_PATH).vectors.dtype == np.float16
    after = answers(client)
    assert get_index().vectors.dtype == np.float16
    join()
    assert {address: after[address] for address in PAGES} == dict.fromkeys(PAGES, 200)
    assert len(after["photo, cosine"]) == 5
    assert after == before
