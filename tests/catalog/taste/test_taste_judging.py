"""POST /taste/judge/: what a button does, with and without JavaScript."""

import pytest
from django.test import Client
from django.urls import reverse

from catalog.taste.likes import MAX_JUDGED
from tests.catalog.builders import add_item, make_index, write_index

pytestmark = pytest.mark.django_db
JSON = {"Accept": "application/json"}


def judge(client: Client, **fields: str) -> dict[str, object]:
    response = client.post(reverse("catalog:judge"), fields, headers=JSON)
    assert response.status_code == 200
    answer: dict[str, object] = response.json()
    return answer


@pytest.mark.usefixtures("catalogue")
def test_a_program_gets_the_new_taste(client: Client) -> None:
    assert judge(client, like="a") == {"liked": ["a"], "disliked": [], "message": ""}
    assert judge(client, dislike="b") == {"liked": ["a"], "disliked": ["b"], "message": ""}
    assert judge(client, forget="a") == {"liked": [], "disliked": ["b"], "message": ""}
    assert judge(client, undo="1") == {"liked": [], "disliked": [], "message": ""}


@pytest.mark.usefixtures("catalogue")
def test_a_browser_without_javascript_goes_back_where_it_was(client: Client) -> None:
    response = client.post(reverse("catalog:judge"), {"like": "a", "next": "/items/?q=x"})
    assert (response.status_code, response["Location"]) == (302, "/items/?q=x")


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example", "javascript:alert(1)", ""])
def test_nobody_is_sent_elsewhere(client: Client, elsewhere: str) -> None:
    response = client.post(reverse("catalog:judge"), {"like": "a", "next": elsewhere})
    assert response["Location"] == reverse("catalog:taste")


@pytest.mark.usefixtures("catalogue")
def test_the_token_is_asked_for() -> None:
    response = Client(enforce_csrf_checks=True).post(reverse("catalog:judge"), {"like": "a"})
    assert response.status_code == 403


def test_reading_changes_nothing(client: Client) -> None:
    assert client.get(reverse("catalog:judge"), {"like": "a"}).status_code == 405


@pytest.mark.usefixtures("catalogue")
def test_an_item_that_is_not_there_cannot_be_liked(client: Client) -> None:
    assert client.post(reverse("catalog:judge"), {"like": "nope"}, headers=JSON).status_code == 404
    assert client.post(reverse("catalog:judge"), {"like": "nope"}).status_code == 404
    assert client.get(reverse("catalog:taste_state")).json()["liked"] == []


def test_an_item_of_the_catalogue_without_an_index_can(client: Client) -> None:
    add_item("new")
    assert judge(client, like="new")["liked"] == ["new"]


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("fields", [{}, {"like": "a", "dislike": "b"}, {"love": "a"}])
def test_one_wish_at_a_time(client: Client, fields: dict[str, str]) -> None:
    assert client.post(reverse("catalog:judge"), fields).status_code == 400


@pytest.mark.usefixtures("catalogue")
def test_an_address_can_be_taken_over(client: Client) -> None:
    judge(client, like="e")
    assert judge(client, adopt="like=a,b&dislike=c") == {"liked": ["a", "b"], "disliked": ["c"], "message": ""}


def test_a_full_taste_drops_its_oldest_and_says_so(client: Client) -> None:
    names = [f"i{number}" for number in range(MAX_JUDGED + 1)]
    write_index(make_index({name: (1.0, float(number)) for number, name in enumerate(names)}))
    for name in names[:-1]:
        assert judge(client, like=name)["message"] == ""
    last = judge(client, like=names[-1])
    assert "oldest" in str(last["message"])
    assert last["liked"] == names[1:]
