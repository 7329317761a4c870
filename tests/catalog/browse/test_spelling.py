"""Typing errors in a search: the catalogue's own closest words are tried, and both pages and API say so."""

import re

import pytest
from django.test import Client

from catalog.browse import spelling
from catalog.browse.facets import forget_facets
from catalog.browse.spelling import make_vocabulary
from tests.catalog.builders import add_item

VOCABULARY = make_vocabulary(["dog tee", "dog shirt", "hot dog", "poodle tee", "small dot tee", "sky-1 собака"])


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("dgo", "dog"),  # two changed places
        ("doog", "dog"),  # one too many
        ("do", ""),  # too short to tell
        ("dop", "dog"),  # "dot" is as close and rarer
        ("pudle", "poodle"),  # two slips
        ("собакка", "собака"),
        ("noodle", "poodle"),  # one slip at the beginning
        ("noodel", ""),  # two slips and another beginning
        ("zeppelin", ""),
        ("sky-2", ""),
        ("x" * 100, ""),
    ],
)
def test_the_closest_word(typed: str, meant: str) -> None:
    assert VOCABULARY.closest(typed) == meant


@pytest.fixture(autouse=True)
def own_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other test's vocabulary."""
    monkeypatch.setattr(spelling, "_kept", None)


@pytest.fixture
def shop(db: None) -> None:
    add_item("a", title="Guide dog tee", category="Dogs", price="10")
    add_item("b", title="Small cat tee", category="Cats", price="20")
    add_item("c", title="Old dog shirt", category="Dogs", price="30")


def html(client: Client, query: str) -> str:
    return client.get(f"/items/?sort=id&{query}").content.decode()


def ids(page: str) -> list[str]:
    return re.findall(r'data-item="([^"]+)"', page)


def test_the_page_shows_what_was_meant_and_says_so(client: Client, shop: None) -> None:
    page = html(client, "q=dgo+tee")
    assert ids(page) == ["a"]
    assert "Showing what was found for “dog tee”" in page
    assert "Nothing is called “dgo tee”." in page
    assert 'href="?q=dgo+tee&amp;exact=1&amp;sort=id"' in page
    assert 'value="dgo tee"' in page


def test_exact_forgives_nothing(client: Client, shop: None) -> None:
    page = html(client, "q=dgo&exact=1")
    assert ids(page) == []
    assert "Nothing matches" in page


def test_what_is_found_as_typed_is_not_corrected(client: Client, shop: None) -> None:
    page = html(client, "q=og")
    assert ids(page) == ["a", "c"]
    assert "Showing what was found" not in page


@pytest.mark.parametrize("query", ["q=zeppelin", "q=cat+shirt", "q=dgo&price_max=5"])
def test_words_that_cannot_be_mended_find_nothing(client: Client, shop: None, query: str) -> None:
    page = html(client, query)
    assert ids(page) == []
    assert "Showing what was found" not in page


def test_the_api_says_what_it_searched_for_and_goes_on_with_it(client: Client, shop: None) -> None:
    first = client.get("/api/v1/items?q=dgo&limit=1").json()
    assert ([item["id"] for item in first["items"]], first["meant"]) == (["a"], "dog")
    second = client.get(first["next"]).json()
    assert ([item["id"] for item in second["items"]], second["meant"], second["next"]) == (["c"], "", None)
    assert client.get("/api/v1/items?q=dgo&exact=true").json() == {"items": [], "next": None, "meant": ""}


def test_new_words_are_known_when_the_catalogue_changes(client: Client, shop: None) -> None:
    assert ids(html(client, "q=flamnigo")) == []
    add_item("d", title="Flamingo tee")
    forget_facets()
    assert ids(html(client, "q=flamnigo")) == ["d"]


@pytest.mark.parametrize(
    ("query", "offered"),
    [
        ("dogg", ""),  # nothing is found, so the other word is searched for
        ("catt", "cat"),  # inside "scattered" only
        ("scattere", ""),  # would find the same one
        ("cat", ""),
        ("catt+tee", "cat tee"),
        ("ca", ""),  # too short to tell
        ("catt&exact=1", ""),
        ("catt&price_max=5", ""),  # would find the same one
    ],
)
def test_another_word_is_offered_where_little_is_found(client: Client, shop: None, query: str, offered: str) -> None:
    add_item("d", title="Scattered dots tee", price="4")
    page = html(client, f"q={query}")
    assert ("Did you mean" in page) is bool(offered)
    assert f'data-swap="narrowed">{offered}</a>?' in page or not offered


def test_a_search_in_other_letters_is_told_how_titles_are_written(client: Client, shop: None) -> None:
    page = html(client, "q=рубашка")
    assert "writes its titles in other letters" in page
    words = re.findall(r'q=(\w+)&amp;sort=id" data-swap="narrowed">\1</a>', page)
    assert len(words) == 4
    assert set(words[:3]) == {"dog", "dogs", "tee"}  # in two titles or categories each
    assert 'href="/search/photo/"' in page.partition('class="honest"')[2]
    assert 'href="/items/?category=Cats"' in page


@pytest.mark.parametrize(("title", "query"), [("Собака", "кошка"), ("Dog", "heron"), ("Dog", "%23")])
def test_words_in_the_catalogues_letters_are_not_called_others(client: Client, db: None, title: str, query: str) -> None:
    add_item("a", title=title)
    assert "writes its titles" not in html(client, f"q={query}")
