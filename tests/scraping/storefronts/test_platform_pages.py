"""Category pages of many shop systems are read whole without a profile."""

from decimal import Decimal

import pytest

from scraping.storefronts.base import Source
from scraping.storefronts.html import HtmlStorefront
from scraping.storefronts.profiles import Profile
from tests.scraping.storefronts.platform_pages import SHOPS, TITLES, Shop, slug_of

ORIGIN = "https://s.example"


@pytest.mark.parametrize("shop", SHOPS, ids=[shop.name for shop in SHOPS])
def test_a_category_is_read_whole(shop: Shop) -> None:
    page = HtmlStorefront().read(Source(f"{ORIGIN}/c", shop.html()), Profile())
    wanted = []
    for at, title in enumerate(TITLES):
        identifier, path, picture = shop.wanted(7001 + at * 7, slug_of(title))
        wanted.append((identifier, title, ORIGIN + path, ORIGIN + picture, Decimal(f"{19 + at}.90"), shop.currency))
    got = [(card.item_id, card.title, card.url, card.image_url, card.price, card.currency) for card in page.cards]
    assert got == wanted
    assert page.unreadable == ()
    assert page.next_url == shop.next_url
    assert page.heading == "Clothes"


@pytest.mark.parametrize("shown", [1, 2])
@pytest.mark.parametrize("shop", SHOPS, ids=[shop.name for shop in SHOPS])
def test_the_few_products_of_a_last_page_are_read(shop: Shop, shown: int) -> None:
    page = HtmlStorefront().read(Source(f"{ORIGIN}/c", shop.html(shown)), Profile())
    wanted = [(*shop.wanted(7001 + at * 7, slug_of(title))[:2], title) for at, title in enumerate(TITLES[:shown])]
    assert [(card.item_id, card.url.removeprefix(ORIGIN), card.title) for card in page.cards] == wanted
    assert page.refusal == ""
