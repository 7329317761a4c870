"""A page that shows its platform is read from the platform's own data, and the same product keeps its ItemID either way."""

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Item
from tests.scraping.local_shop import Answer, LocalShop, picture

pytestmark = pytest.mark.django_db

SHOPIFY_HEAD = '<script>Shopify.shop = "a.myshopify.com"; Shopify.currency = {"active":"CAD","rate":"1.0"};</script>'
WOO_BODY = "<body class='archive tax-product_cat term-mugs term-16 woocommerce-page'><h1>Mugs</h1>"


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return tmp_path / "images"


def run(shop: LocalShop, images: Path, path: str) -> str:
    out = StringIO()
    call_command("scrape", shop.url + path, images=images, delay=0, stdout=out, stderr=StringIO())
    return out.getvalue()


def card(handle: str) -> str:
    return (
        f"<div class='product'><a href='/collections/tees/products/{handle}'><img src='/{handle}.jpg'></a>"
        f"<h3>{handle}</h3><span class='price'>$9.00</span></div>"
    )


def product(number: int, handle: str) -> dict[str, Any]:
    return {
        "id": number, "title": handle.title(), "handle": handle, "vendor": "Acme", "product_type": "Tees",
        "variants": [
            {"price": "5.00", "available": False}, {"price": "9.00", "available": True}, {"price": "12.00", "available": True},
        ],
        "images": [{"src": f"/{handle}.jpg"}, {"src": f"/{handle}-back.jpg"}],
    }  # fmt: skip


def answer_json(data: object, **headers: str) -> Answer:
    return Answer(json.dumps(data).encode(), kind="application/json", headers=headers)


@pytest.fixture
def shopify(shop: LocalShop) -> LocalShop:
    handles = {"red-tee": 8927295340797, "blue-tee": 8927295340798}
    page = f"<html>{SHOPIFY_HEAD}<h1>Tees</h1>" + "".join(map(card, handles)) + "</html>"
    listing = answer_json({"products": [product(number, handle) for handle, number in handles.items()]})
    for path in ("/collections/tees", "/"):
        shop.routes[path] = Answer(page.encode())
    shop.routes["/collections/tees/products.json?limit=250&page=1"] = listing
    shop.routes["/collections/all/products.json?limit=250&page=1"] = listing
    for handle in handles:
        shop.routes[f"/{handle}.jpg"] = Answer(picture(90), kind="image/jpeg")
    return shop


@pytest.mark.parametrize("path", ["/collections/tees", "/", "/collections/tees?utm_source=mail&sort_by=price"])
def test_a_shopify_page_is_read_from_its_products_json(shopify: LocalShop, images: Path, path: str) -> None:
    shopify.routes.setdefault(path, shopify.routes["/collections/tees"])
    assert "2 items met" in run(shopify, images, path)
    item = Item.objects.get(title="Red-Tee")
    assert (item.item_id, str(item.price), item.currency) == ("8927295340797", "9.00", "CAD")
    assert (item.brand, item.in_stock, item.category) == ("Acme", True, "Tees")
    assert item.more_pictures == [f"{shopify.url}/red-tee-back.jpg"]
    assert item.source == shopify.url + path


def test_a_dry_run_reads_the_page_and_says_what_would_be_asked(shopify: LocalShop, images: Path) -> None:
    out = StringIO()
    source = f"{shopify.url}/collections/tees"
    call_command("scrape", source, images=images, delay=0, dry_run=True, stdout=out, stderr=StringIO())
    assert "without --dry-run the shop is first asked for Shopify's products.json" in out.getvalue()
    assert not any("products.json" in asked for asked in shopify.asked)


@pytest.mark.parametrize("path", ["/collections/tees?filter.v.price.lte=10", "/collections/tees?page=2", "/search?q=tee"])
def test_a_filtered_page_is_read_as_it_stands(shopify: LocalShop, images: Path, path: str) -> None:
    shopify.routes[path] = shopify.routes["/collections/tees"]
    run(shopify, images, path)
    assert not any("products.json" in asked for asked in shopify.asked)


def test_a_shop_that_hides_its_data_is_read_from_its_page(shopify: LocalShop, images: Path) -> None:
    del shopify.routes["/collections/tees/products.json?limit=250&page=1"]
    assert "2 items met" in run(shopify, images, "/collections/tees")
    assert shopify.count("/collections/tees") == 1


def test_a_product_keeps_its_id_when_only_the_page_can_be_read(shopify: LocalShop, images: Path) -> None:
    run(shopify, images, "/collections/tees")
    before = set(Item.objects.values_list("item_id", flat=True))
    del shopify.routes["/collections/tees/products.json?limit=250&page=1"]
    assert "0 new" in run(shopify, images, "/collections/tees")
    assert set(Item.objects.values_list("item_id", flat=True)) == before


def test_a_product_keeps_its_id_when_the_data_come_back(shopify: LocalShop, images: Path) -> None:
    listing = shopify.routes.pop("/collections/tees/products.json?limit=250&page=1")
    run(shopify, images, "/collections/tees")
    before = set(Item.objects.values_list("item_id", flat=True))
    shopify.routes["/collections/tees/products.json?limit=250&page=1"] = listing
    assert "0 new" in run(shopify, images, "/collections/tees")
    assert set(Item.objects.values_list("item_id", flat=True)) == before


def test_the_currency_of_a_products_json_comes_from_the_page_beside_it(shopify: LocalShop, images: Path) -> None:
    run(shopify, images, "/collections/tees/products.json")
    assert set(Item.objects.values_list("currency", flat=True)) == {"CAD"}


def test_a_password_page_is_called_one(shop: LocalShop, images: Path) -> None:
    shop.routes["/collections/tees"] = Answer(status=302, headers={"Location": "/password"})
    shop.routes["/password"] = Answer(b"<form action='/password' method=post><input type=password name=password></form>")
    with pytest.raises(CommandError, match=r"/collections/tees is a password page: the shop is not open"):
        run(shop, images, "/collections/tees")


@pytest.mark.parametrize(
    ("body", "asked"),
    [
        (WOO_BODY, "/wp-json/wc/store/v1/products?category=16&per_page=100&page=1"),
        (WOO_BODY.replace("term-16 ", ""), "/wp-json/wc/store/v1/products?category=mugs&per_page=100&page=1"),
        (
            "<link rel='https://api.w.org/' href='/shop/wp-json/'>" + WOO_BODY,
            "/shop/wp-json/wc/store/v1/products?category=16&per_page=100&page=1",
        ),
        (
            "<link rel='https://api.w.org/' href='/?rest_route=/'>" + WOO_BODY,
            "/?rest_route=%2Fwc%2Fstore%2Fv1%2Fproducts&category=16&per_page=100&page=1",
        ),
    ],
)
def test_a_woocommerce_category_is_read_from_the_store_api(shop: LocalShop, images: Path, body: str, asked: str) -> None:
    mug = {
        "id": 7, "name": "Mug &amp; spoon", "permalink": f"{shop.url}/product/mug/", "is_in_stock": False,
        "images": [{"src": "/big.jpg", "thumbnail": "/small.jpg", "srcset": "/7.jpg 768w, /small.jpg 300w, /big.jpg 2000w"}],
        "prices": {"price": "1990", "currency_code": "JPY", "currency_minor_unit": 0}, "brands": [{"name": "Acme"}],
        "categories": [{"name": "Mugs"}],
    }  # fmt: skip
    shop.routes["/product-category/mugs/"] = Answer(f"<html>{body}</html>".encode())
    shop.routes[asked] = answer_json([mug], **{"X-WP-TotalPages": "1"})
    shop.routes["/7.jpg"] = Answer(picture(7), kind="image/jpeg")
    run(shop, images, "/product-category/mugs/")
    item = Item.objects.get()
    assert (item.item_id, item.title, str(item.price), item.currency) == ("7", "Mug & spoon", "1990.00", "JPY")
    assert (item.in_stock, item.brand, item.image_url) == (False, "Acme", f"{shop.url}/7.jpg")
