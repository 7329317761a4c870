"""`scrape URL --explain` shows what each reader sees, and writes nothing."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Item
from tests.scraping.local_shop import Answer, LocalShop, card, sell

pytestmark = pytest.mark.django_db


def explained(source: str) -> str:
    out = StringIO()
    call_command("scrape", source, "--explain", "--delay", "0", stdout=out)
    return out.getvalue()


def test_a_category(shop: LocalShop, tmp_path: Path) -> None:
    sell(shop, [1, 2, 3], [4])
    shop.routes["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 2", kind="text/plain")
    lines = explained(f"{shop.url}/all").splitlines()
    assert "robots.txt  allows it; 2 s between requests" in lines
    assert "charset     utf-8" in lines
    assert "platform    none seen" in lines
    assert (
        "  score 10.5: cards 3, with a price 3, named products 3, in the data 0, without a picture 0, without a link 0" in lines
    )
    assert f'    select.card = "div.product"; the first leads to {shop.url}/product/1/' in lines
    assert "read as     a category of 3 products:" in lines
    assert f"  1 | Shirt 1 | 1.50 EUR | {shop.url}/1.jpg" in lines
    assert lines[-1] == f"next page   {shop.url}/all?page=2"
    assert not Item.objects.exists()
    assert shop.asked == ["/robots.txt", "/all"]


def test_a_product_s_page(shop: LocalShop) -> None:
    data = '{"@type":"Product","name":"Tee","image":"/1.jpg","offers":{"price":"5","priceCurrency":"EUR"}}'
    shop.routes["/p/tee"] = Answer(f"<title>Tee</title><script type='application/ld+json'>{data}</script>".encode())
    lines = explained(f"{shop.url}/p/tee").splitlines()
    assert "products    1 in JSON-LD; OpenGraph names none" in lines
    assert "            Tee | 5.00 EUR | no address" in lines
    assert "read as     the page of one product:" in lines


def test_what_is_unreadable_is_counted(shop: LocalShop) -> None:
    html = card(1) + card(2) + card(3) + card(4).replace("<img src='/4.jpg'>", "")
    shop.routes["/all"] = Answer(html.encode())
    assert "unreadable  1: no picture on the card" in explained(f"{shop.url}/all")


def test_a_page_that_cannot_be_had(shop: LocalShop) -> None:
    with pytest.raises(CommandError, match="404"):
        explained(f"{shop.url}/nothing")
