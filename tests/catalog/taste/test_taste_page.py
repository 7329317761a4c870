"""/taste/: what is shown to whom."""

import re
from datetime import UTC, datetime

import numpy as np
import pytest
from django.test import Client
from django.urls import reverse

from tests.catalog.builders import POINTS, add_item, make_index, write_index

pytestmark = pytest.mark.django_db


def cards(client: Client, query: str = "") -> list[str]:
    """The ItemIDs of the cards, in order."""
    response = client.get(reverse("catalog:taste") + query)
    assert response.status_code == 200
    return re.findall(r'data-item="([^"]+)"', response.content.decode())


def judge(client: Client, **fields: str) -> None:
    assert client.post(reverse("catalog:judge"), fields).status_code == 302


@pytest.mark.usefixtures("catalogue")
def test_what_lies_in_the_liked_direction_comes_first(client: Client) -> None:
    judge(client, like="a")
    assert cards(client) == ["b", "c", "d", "f", "e"]


@pytest.mark.usefixtures("catalogue")
def test_nothing_judged_is_shown_again(client: Client) -> None:
    judge(client, like="a")
    judge(client, dislike="b")
    assert set(cards(client)) == {"c", "d", "e", "f"}


@pytest.mark.usefixtures("catalogue")
def test_an_address_shows_its_taste_and_changes_nobodys(client: Client) -> None:
    judge(client, like="e")
    assert cards(client, "?like=a&dislike=d")[:2] == ["b", "c"]
    assert not {"a", "d", "e"} & set(cards(client, "?like=a&dislike=d"))
    assert client.get(reverse("catalog:taste_state")).json()["liked"] == ["e"]


@pytest.mark.usefixtures("catalogue")
def test_somebody_new_gets_things_to_begin_with(client: Client) -> None:
    assert set(cards(client)) == set(POINTS)


@pytest.mark.usefixtures("catalogue")
def test_dislikes_alone_still_ask_for_a_like(client: Client) -> None:
    judge(client, dislike="a")
    assert set(cards(client)) == set(POINTS) - {"a"}


@pytest.mark.usefixtures("catalogue")
def test_everything_judged_is_said(client: Client) -> None:
    for item_id in POINTS:
        judge(client, like=item_id)
    assert cards(client) == []
    assert "You have judged everything there is" in client.get(reverse("catalog:taste")).content.decode()


def test_what_left_the_shop_is_not_recommended(client: Client) -> None:
    write_index()
    add_item("b", delisted_at=datetime(2026, 11, 1, tzinfo=UTC))
    assert "b" not in cards(client, "?like=a")
    assert cards(client, "?like=a")[0] == "c"


def test_a_liked_item_that_left_the_shop_still_pulls(client: Client) -> None:
    write_index()
    add_item("a", delisted_at=datetime(2026, 11, 1, tzinfo=UTC))
    assert cards(client, "?like=a")[0] == "b"


def test_an_item_without_a_vector_is_kept_and_said_to_say_nothing(client: Client) -> None:
    write_index()
    add_item("new")
    judge(client, like="new")
    text = client.get(reverse("catalog:taste")).content.decode()
    assert "1 judged item has no vector" in text
    judge(client, like="a")
    assert cards(client)[0] == "b"


def test_near_duplicates_are_one_card(client: Client) -> None:
    write_index(make_index(extras={"duplicate_group": np.array([0, 1, 1, 2, 3, 4], np.int32)}))
    assert cards(client, "?like=a") == ["b", "d", "f", "e"]


def test_no_index_is_503(client: Client) -> None:
    assert client.get(reverse("catalog:taste")).status_code == 503


@pytest.mark.usefixtures("catalogue")
@pytest.mark.parametrize("query", ["?show=x", "?show=99999", "?like=%01&dislike=../..", "?like=" + "z," * 5000])
def test_odd_addresses_are_survived(client: Client, query: str) -> None:
    assert client.get(reverse("catalog:taste") + query).status_code == 200


@pytest.mark.usefixtures("catalogue")
def test_cards_everywhere_show_what_was_said(client: Client) -> None:
    judge(client, like="b")
    page = client.get(reverse("catalog:item", args=["a"])).content.decode()
    pressed = re.findall(r'name="(\w+)" value="(\w)" data-verdict="like" aria-pressed="true"', page)
    assert set(pressed) == {("forget", "b")}
    assert re.search(r"data-taste-count>1<", page)
