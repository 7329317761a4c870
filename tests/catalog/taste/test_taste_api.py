"""GET /api/v1/taste."""

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def ids(client: Client, query: str) -> list[str]:
    response = client.get(f"/api/v1/taste?{query}")
    assert response.status_code == 200
    return [item["id"] for item in response.json()["items"]]


@pytest.mark.usefixtures("catalogue")
def test_the_best_come_first_and_nothing_judged_among_them(client: Client) -> None:
    assert ids(client, "like=a&dislike=c") == ["b", "d", "f", "e"]


@pytest.mark.usefixtures("catalogue")
def test_k_and_formula_are_obeyed(client: Client) -> None:
    assert ids(client, "like=a&k=2&formula=rocchio") == ["b", "c"]


@pytest.mark.usefixtures("catalogue")
def test_ids_without_a_vector_are_counted(client: Client) -> None:
    assert client.get("/api/v1/taste?like=zz").json() == {"liked": ["zz"], "disliked": [], "items": [], "incomparable": 1}


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("query", ["like=a&k=0", "like=a&k=121", "like=a&formula=best"])
def test_what_cannot_be_read_is_422(client: Client, query: str) -> None:
    assert client.get(f"/api/v1/taste?{query}").status_code == 422


def test_no_index_is_503(client: Client) -> None:
    assert client.get("/api/v1/taste?like=a").status_code == 503
