"""The demo shop over HTTP, read as a scraper reads it."""

import json
from collections.abc import Iterator
from urllib.parse import urljoin

import pytest
import requests
from bs4 import BeautifulSoup

from demo.catalogue import FOLDER, load, slug
from demo.storefront import PAGE_SIZE, demo_storefront


@pytest.fixture(scope="module")
def shop() -> Iterator[str]:
    with demo_storefront() as base:
        yield base


def page(url: str) -> BeautifulSoup:
    answer = requests.get(url, timeout=5)
    answer.raise_for_status()
    return BeautifulSoup(answer.text, "lxml")


def test_following_next_from_all_meets_every_item_once(shop: str) -> None:
    url, met = f"{shop}/category/all/", []
    while url:
        soup = page(url)
        cards = soup.select("article.product-card")
        assert len(cards) <= PAGE_SIZE
        met += [str(card["data-product-id"]) for card in cards]
        following = soup.select_one("a[rel=next]")
        url = urljoin(url, str(following["href"])) if following else ""
    assert met == list(load())


def test_a_card_has_link_picture_title_and_price(shop: str) -> None:
    card = page(f"{shop}/category/cats/").select_one("article.product-card")
    assert card is not None
    product = load()[str(card["data-product-id"])]
    link, image, price = card.select_one("a"), card.select_one("img"), card.select_one(".price")
    assert link is not None
    assert image is not None
    assert price is not None
    assert link["href"] == f"http://127.0.0.1:8001/product/{product.id}-{product.slug}"
    assert link.text == product.title
    assert image["data-src"] == f"/img/{product.id}.jpg"
    assert image["srcset"] == f"/img/{product.id}.jpg 250w"
    assert image["loading"] == "lazy"
    assert price.text == f"€{product.price}"


def test_without_a_canonical_address_links_stay_on_this_server() -> None:
    with demo_storefront(canonical="") as base:
        link = page(f"{base}/category/cats/").select_one("article.product-card a")
        assert link is not None
        assert requests.get(urljoin(base, str(link["href"])), timeout=5).status_code == 200


def test_a_product_page_describes_itself(shop: str) -> None:
    product = next(iter(load().values()))
    soup = page(f"{shop}/product/{product.id}-{product.slug}")
    script = soup.select_one('script[type="application/ld+json"]')
    assert script is not None
    data = json.loads(script.text)
    assert (data["name"], data["sku"]) == (product.title, product.id)
    assert (data["offers"]["price"], data["offers"]["priceCurrency"]) == (product.price, "EUR")
    assert [link["href"] for link in soup.select(".crumbs a")] == ["/", f"/category/{slug(product.category)}/"]


def test_a_product_under_an_old_name_moves_to_its_own(shop: str) -> None:
    product = next(iter(load().values()))
    answer = requests.get(f"{shop}/product/{product.id}-old-name", timeout=5)
    assert [hop.status_code for hop in answer.history] == [301]
    assert answer.url == f"{shop}/product/{product.id}-{product.slug}"


def test_pictures_are_the_files_and_answer_304_when_unchanged(shop: str) -> None:
    item_id = next(iter(load()))
    first = requests.get(f"{shop}/img/{item_id}.jpg", timeout=5)
    assert first.headers["Content-Type"] == "image/jpeg"
    assert first.content == (FOLDER / f"{item_id}.jpg").read_bytes()
    again = requests.get(f"{shop}/img/{item_id}.jpg", headers={"If-None-Match": first.headers["ETag"]}, timeout=5)
    assert (again.status_code, again.content) == (304, b"")


def test_robots_keep_out_of_the_basket(shop: str) -> None:
    assert "Disallow: /basket/" in requests.get(f"{shop}/robots.txt", timeout=5).text
    assert requests.get(f"{shop}/basket/", timeout=5).status_code == 200


@pytest.mark.parametrize(
    "path",
    [
        "/nowhere",
        "/category/shoes/",
        "/category/all/?page=0",
        "/category/all/?page=12",
        "/category/all/?page=two",
        "/product/1-none",
        "/img/1.jpg",
        "/img/..%2f..%2fmanage.jpg",
    ],
)
def test_what_is_not_there_is_a_404_page(shop: str, path: str) -> None:
    answer = requests.get(shop + path, timeout=5)
    assert answer.status_code == 404
    assert "Not found" in answer.text


def test_a_category_without_its_slash_moves(shop: str) -> None:
    assert requests.get(f"{shop}/category/cats", timeout=5).url == f"{shop}/category/cats/"


def test_head_sends_no_body(shop: str) -> None:
    answer = requests.head(f"{shop}/category/cats/", timeout=5)
    assert (answer.status_code, answer.content) == (200, b"")
    assert int(answer.headers["Content-Length"]) > 1000


def test_the_shop_closes_when_left() -> None:
    with demo_storefront() as base:
        assert requests.get(f"{base}/robots.txt", timeout=5).ok
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{base}/robots.txt", timeout=5)
