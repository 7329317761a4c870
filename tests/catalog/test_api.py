"""The JSON API of the contract."""

import math

import pytest
from django.test import Client
from django.utils import timezone

from catalog.models import Item
from tests.catalog.builders import POINTS, add_item, add_items, make_index, write_index


def test_similar_has_the_contract_shape(client: Client, catalogue: None) -> None:
    data = client.get("/api/v1/items/a/similar?metric=cosine&k=2").json()
    assert set(data) == {"item", "metric", "close", "neighbours", "variants"}
    assert (data["close"], data["variants"]) == (True, [])
    assert data["metric"] == "cosine"
    assert data["item"] == {
        "id": "a",
        "title": "Shirt a",
        "price": "19.90",
        "currency": "EUR",
        "url": "https://shop.example/a",
        "preview": "http://testserver/items/a/preview.jpg",
        "page": "http://testserver/items/a/",
        "category": "",
        "colour": "",
        "delisted": False,
        "width": None,
        "height": None,
        "in_stock": None,
        "brand": "",
        "group_id": "",
        "more_pictures": [],
    }
    assert [(hit["id"], round(hit["distance"], 4)) for hit in data["neighbours"]] == [("b", 0.0), ("c", 0.1056)]


@pytest.mark.parametrize(
    ("metric", "ids"),
    [("cosine", ["b", "c", "d"]), ("euclidean", ["c", "d", "e"]), ("manhattan", ["c", "d", "e"])],
)
def test_similar_under_each_metric(client: Client, catalogue: None, metric: str, ids: list[str]) -> None:
    data = client.get(f"/api/v1/items/a/similar?metric={metric}&k=3").json()
    assert [hit["id"] for hit in data["neighbours"]] == ids


def test_similar_is_cosine_and_five_unless_said(client: Client, catalogue: None) -> None:
    data = client.get("/api/v1/items/a/similar").json()
    assert data["metric"] == "cosine"
    assert len(data["neighbours"]) == 5


@pytest.mark.parametrize("k", ["0", "51", "-1", "five", "", "1.5"])
def test_k_out_of_range_is_422_in_one_line(client: Client, catalogue: None, k: str) -> None:
    response = client.get(f"/api/v1/items/a/similar?k={k}")
    assert response.status_code == 422
    detail = response.json()["detail"]
    assert detail.startswith("k: ")
    assert "\n" not in detail


def test_an_unknown_metric_is_422_and_names_the_known(client: Client, catalogue: None) -> None:
    response = client.get("/api/v1/items/a/similar?metric=chebyshev")
    assert response.status_code == 422
    assert response.json()["detail"] == "metric: input should be 'cosine', 'euclidean' or 'manhattan'."


@pytest.mark.parametrize("url", ["/api/v1/items/zzz", "/api/v1/items/zzz/similar", "/api/v1/items/../similar"])
def test_an_unknown_item_is_404(client: Client, catalogue: None, url: str) -> None:
    response = client.get(url)
    assert response.status_code == 404
    assert isinstance(response.json()["detail"], str)


def test_an_item_without_a_vector_has_no_similar(client: Client, catalogue: None) -> None:
    add_item("new")
    response = client.get("/api/v1/items/new/similar")
    assert response.status_code == 404
    assert "has no vector yet" in response.json()["detail"]


def test_an_item_without_a_vector_is_still_described(client: Client, catalogue: None) -> None:
    add_item("new")
    data = client.get("/api/v1/items/new").json()
    assert data["item"]["title"] == "Shirt new"
    assert data["neighbours"] == []


def test_one_item(client: Client, catalogue: None) -> None:
    data = client.get("/api/v1/items/c").json()
    assert data["item"]["id"] == "c"
    assert len(data["neighbours"]) == 5


def test_a_random_item_is_one_of_the_index(client: Client, catalogue: None) -> None:
    assert client.get("/api/v1/items/random").json()["item"]["id"] in POINTS


def test_delisted_neighbours_are_left_out(client: Client, catalogue: None) -> None:
    Item.objects.filter(pk="b").update(delisted_at=timezone.now())
    data = client.get("/api/v1/items/a/similar?k=2").json()
    assert [hit["id"] for hit in data["neighbours"]] == ["c", "d"]


def test_an_item_without_price_has_null(client: Client, db: None) -> None:
    write_index()
    add_item("a", price=None)
    assert client.get("/api/v1/items/a").json()["item"]["price"] is None


def test_the_list_is_paginated_by_next(client: Client, db: None) -> None:
    add_items([f"i{n}" for n in range(5)])
    first = client.get("/api/v1/items?limit=2").json()
    second = client.get(first["next"]).json()
    third = client.get(second["next"]).json()
    assert [[item["id"] for item in page["items"]] for page in (first, second, third)] == [["i0", "i1"], ["i2", "i3"], ["i4"]]
    assert third["next"] is None


def test_the_list_keeps_filters_and_order_from_page_to_page(client: Client, db: None) -> None:
    for number, price in enumerate(["3", "1", "2", "9"]):
        add_item(f"i{number}", price=price, category="hats" if number < 3 else "shoes")
    first = client.get("/api/v1/items?sort=-price&category=hats&limit=2").json()
    second = client.get(first["next"]).json()
    assert [item["id"] for item in first["items"] + second["items"]] == ["i0", "i2", "i1"]


@pytest.mark.parametrize("query", ["limit=0", "limit=201", "price_min=x", "sort=x", "after=x", "new=perhaps"])
def test_a_bad_filter_is_422_and_named(client: Client, db: None, query: str) -> None:
    response = client.get(f"/api/v1/items?{query}")
    assert response.status_code == 422
    assert response.json()["detail"].startswith(query.split("=")[0])


def test_post_is_405(client: Client, catalogue: None) -> None:
    assert client.post("/api/v1/items/a").status_code == 405


def test_openapi_describes_every_path(client: Client, db: None) -> None:
    paths = client.get("/api/v1/openapi.json").json()["paths"]
    assert {"/api/v1/items", "/api/v1/items/random", "/api/v1/items/{item_id}", "/api/v1/items/{item_id}/similar"} <= set(paths)


def test_the_docs_load_nothing_from_elsewhere(client: Client, db: None) -> None:
    html = client.get("/api/v1/docs").content.decode()
    assert "swagger-ui-bundle.js" in html
    assert "http://" not in html
    assert "https://" not in html


def test_near_duplicates_fold_on_request(client: Client, db: None) -> None:
    import numpy as np

    points = {"q": (0, 1), "a1": (0, 2), "a2": (0, 3), "b": (0, 4)}
    write_index(make_index(points, extras={"duplicate_group": np.array([0, 1, 1, 2], dtype=np.int32)}))
    url = "/api/v1/items/q/similar?metric=euclidean&k=2"
    assert [hit["id"] for hit in client.get(url).json()["neighbours"]] == ["a1", "a2"]
    assert [hit["id"] for hit in client.get(url + "&folded=true").json()["neighbours"]] == ["a1", "b"]


def test_copies_and_variants_are_no_neighbours(client: Client, db: None) -> None:
    import numpy as np

    points = {"q": (0, 1), "copy": (0, 2), "colour": (0, 3), "b": (0, 4), "b2": (0, 5), "c": (0, 6)}
    write_index(make_index(points, extras={"duplicate_group": np.array([0, 0, 1, 2, 3, 4], dtype=np.int32)}))
    for item_id, group_id in (("q", "g"), ("copy", ""), ("colour", "g"), ("b", "h"), ("b2", "h"), ("c", "")):
        add_item(item_id, group_id=group_id)
    answer = client.get("/api/v1/items/q/similar?metric=euclidean&k=5").json()
    assert [hit["id"] for hit in answer["neighbours"]] == ["b", "b2", "c"]
    assert [variant["id"] for variant in answer["variants"]] == ["colour", "copy"]
    folded = client.get("/api/v1/items/q/similar?metric=euclidean&k=5&folded=true").json()
    assert [hit["id"] for hit in folded["neighbours"]] == ["b", "c"]


def test_nothing_close_is_said(client: Client, db: None) -> None:
    """Forty directions a degree apart, and one that points the other way."""
    degrees = {f"i{number}": float(number) for number in range(40)} | {"alone": 200.0}
    points = {name: (math.cos(math.radians(angle)), math.sin(math.radians(angle))) for name, angle in degrees.items()}
    write_index(make_index(points))
    for name, close in (("i7", True), ("alone", False)):
        assert client.get(f"/api/v1/items/{name}/similar").json()["close"] is close
        page = client.get(f"/items/{name}/").content.decode()
        assert ("Nothing close here; the nearest are" in page) is not close


def test_other_sites_may_ask_when_the_setting_allows(client: Client, catalogue: None, settings: object) -> None:
    settings.CORS_ALLOWED_ORIGINS = ["https://shop.example"]  # type: ignore[attr-defined]
    allowed = client.get("/api/v1/items/a", headers={"origin": "https://shop.example"})
    refused = client.get("/api/v1/items/a", headers={"origin": "https://elsewhere.example"})
    assert allowed.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "Access-Control-Allow-Origin" not in refused.headers
