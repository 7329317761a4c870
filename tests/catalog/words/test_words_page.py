"""/search/words/: from `build_index --network onnx:…` to a page that words, words with an item and "less like this" answer."""

import html
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from catalog.index_store import get_index
from catalog.models import Item
from catalog.photo import inference_pool
from catalog.photo.inference_pool import BusyError
from indexing import query
from indexing.errors import WeightsError
from tests.catalog.builders import make_index, write_index
from tests.catalog.words.conftest import MakeSite
from tests.indexing.encoders import tiny_encoders

pytestmark = pytest.mark.django_db


def get(client: Client, **asked: str) -> Any:
    return client.get(reverse("catalog:words"), asked)


def wall(response: Any) -> list[str]:
    page = response.content.decode()
    return re.findall(r'<li class="card[^"]*" data-item="([^"]+)"', page.partition("data-wall>")[2].partition("</ul>")[0])


@pytest.mark.parametrize("encoder", [tiny_encoders.clip, tiny_encoders.siglip, tiny_encoders.fashion_siglip])
def test_words_answer_whatever_the_encoders_layout(
    client: Client, make_site: MakeSite, encoder: Callable[[Path], Path]
) -> None:
    make_site(encoder)
    assert set(wall(get(client, q="red"))[:2]) == {"crimson", "scarlet"}
    assert set(wall(get(client, q="Blue dress"))[:2]) == {"navy", "sky"}
    # Words and an item: of the blue ones' kind, yet red.
    assert wall(get(client, q="red", item="sky"))[0] == "violet"
    # Less like this: red, but not as that one is.
    less = wall(get(client, q="red", without="crimson"))
    assert "crimson" not in less
    assert less[0] == "scarlet"


@pytest.mark.usefixtures("words_site")
def test_an_item_alone_is_answered_by_what_is_like_it(client: Client) -> None:
    response = get(client, item="crimson")
    assert wall(response)[0] == "scarlet"
    assert "crimson" not in wall(response)


@pytest.mark.usefixtures("words_site")
def test_a_title_that_says_the_words_comes_to_the_front(client: Client) -> None:
    assert wall(get(client, q="red"))[-1] != "grass"
    Item.objects.get(pk="grass").delete()
    Item(item_id="grass", title="Red in name only", last_seen="2026-11-01T12:00Z").save()
    # By looks it is among the last; by the titles it is the first: 1/61 + 1/67 beats every place of one list alone.
    assert wall(get(client, q="red"))[0] == "grass"


@pytest.mark.usefixtures("words_site")
def test_chips_narrow_it_down_and_keep_the_wish(client: Client) -> None:
    response = get(client, q="red", without="navy", category="light")
    assert set(wall(response)) == {"crimson", "scarlet", "sky", "grass", "violet"}
    page = html.unescape(response.content.decode())
    assert 'href="?q=red&without=navy"' in page  # the chip that takes the category off
    assert '<input type="hidden" name="without" value="navy">' in page
    assert "category=light&without=crimson" in page  # "less like this" keeps what is narrowed


@pytest.mark.usefixtures("words_site")
def test_what_left_the_shop_is_not_an_answer(client: Client) -> None:
    Item.objects.filter(pk="crimson").update(hidden=True)
    assert wall(get(client, q="red"))[0] == "scarlet"


@pytest.mark.usefixtures("words_site")
def test_each_field_leads_to_it(client: Client) -> None:
    grid = client.get(reverse("catalog:grid")).content.decode()
    assert f'action="{reverse("catalog:words")}" aria-label="Filter the catalogue"' in grid
    assert "Describe it: red floral summer dress" in grid
    item = client.get(reverse("catalog:item", args=["navy"])).content.decode()
    assert "Like this, but…" in item
    assert '<input type="hidden" name="item" value="navy">' in item
    assert "And in words, if you like" in client.get(reverse("catalog:photo")).content.decode()


def test_without_a_text_tower_no_page_mentions_it(client: Client, make_site: MakeSite) -> None:
    make_site(tiny_encoders.dinov2)
    assert "words" not in get_index().manifest
    for name, ids in (("grid", []), ("item", ["navy"]), ("photo", [])):
        page = client.get(reverse(f"catalog:{name}", args=ids)).content.decode()
        assert reverse("catalog:words") not in page
        assert "Describe it" not in page
        assert "in words" not in page
    response = get(client, q="navy thing")
    assert (response.status_code, response["Location"]) == (302, "/items/?q=navy+thing")


@pytest.mark.usefixtures("words_site")
def test_nothing_asked_leads_to_the_catalogue(client: Client) -> None:
    for asked in ("", "  ", "?!"):
        response = get(client, q=asked)
        assert (response.status_code, response["Location"]) == (302, "/items/")


@pytest.mark.usefixtures("words_site")
def test_an_unknown_item_is_named(client: Client) -> None:
    response = get(client, q="red", item="nothing")
    assert response.status_code == 404
    assert "No item &#39;nothing&#39;" in response.content.decode()


@pytest.mark.usefixtures("words_site")
def test_a_price_that_cannot_be_read_is_named(client: Client) -> None:
    response = get(client, q="red", price_max="cheap")
    assert response.status_code == 400
    assert "price_max is" in response.content.decode()


@pytest.mark.usefixtures("words_site")
def test_a_busy_pool_says_when_to_come_again_and_offers_titles(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    class Full:
        def run(self, work: object) -> None:
            raise BusyError

    monkeypatch.setattr("catalog.words.vectors.get_pool", Full)
    response = get(client, q="red")
    assert (response.status_code, response["Retry-After"]) == (503, str(inference_pool.RETRY_AFTER_S))
    assert "/items/?q=red" in response.content.decode()


@pytest.mark.usefixtures("words_site")
def test_words_asked_before_are_not_computed_again(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    first = wall(get(client, q="red"))
    monkeypatch.setattr(query, "embed_words", lambda *_: pytest.fail("it is known"))
    assert wall(get(client, q="red", in_stock="any")) == first


@pytest.mark.usefixtures("words_site")
def test_an_encoder_that_is_gone_is_named(client: Client, tmp_path: Path) -> None:
    (tmp_path / "encoder/tokenizer.json").write_text("{}")
    response = get(client, q="red")
    assert response.status_code == 503
    assert "tokenizer.json is no tokenizer" in html.unescape(response.content.decode())


@pytest.mark.usefixtures("words_site")
def test_other_words_than_the_index_was_made_for_are_refused(tmp_path: Path) -> None:
    manifest = {**get_index().manifest, "words": "0" * 64}
    with pytest.raises(WeightsError, match="text tower is no longer that of the index"):
        query.embed_words("red", manifest, tmp_path)
    manifest = {**get_index().manifest, "preprocessing": "other"}
    with pytest.raises(WeightsError, match="other files than"):
        query.embed_words("red", manifest, tmp_path)


def test_an_index_of_our_own_network_reads_no_words(client: Client) -> None:
    write_index(make_index())
    assert get(client, q="red")["Location"] == "/items/?q=red"


@pytest.mark.usefixtures("words_site")
def test_russian(client: Client) -> None:
    client.cookies["django_language"] = "ru"
    page = get(client, q="red", without="navy").content.decode()
    assert "Похоже на: red" in page
    assert "Меньше такого" in page
