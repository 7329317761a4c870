"""sitemap.xml as SOURCE: its product pages, each read by itself."""

import gzip
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Item
from tests.scraping.local_shop import Answer, LocalShop, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return tmp_path / "images"


def run(shop: LocalShop, images: Path, path: str = "/sitemap.xml", **options: Any) -> str:
    out = StringIO()
    call_command("scrape", shop.url + path, images=images, delay=0, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def sitemap(shop: LocalShop, *paths: str) -> Answer:
    urls = "".join(f"<url><loc>{shop.url}{path}</loc></url>" for path in paths)
    return Answer(f"<urlset xmlns='http://www.sitemaps.org/schemas/sitemap/0.9'>{urls}</urlset>".encode(), kind="text/xml")


def product_page(shop: LocalShop, number: int) -> Answer:
    data = {
        "@context": "https://schema.org", "@type": "Product", "name": f"Mug {number}", "sku": f"M{number}",
        "url": f"{shop.url}/product/{number}", "image": f"{shop.url}/{number}.jpg",
        "offers": {"@type": "Offer", "price": f"{number}.50", "priceCurrency": "EUR", "availability": "https://schema.org/InStock"},
    }  # fmt: skip
    script = f"<script type='application/ld+json'>{json.dumps(data)}</script>"
    return Answer(
        f"<html><head><title>Mug {number}</title>{script}</head><body><h1>Mug {number}</h1>"
        f"<img src='/{number}.jpg' alt='Mug {number}'><button>Add to cart</button></body></html>".encode()
    )


@pytest.fixture
def mugs(shop: LocalShop) -> LocalShop:
    """A shop of ten mugs with a sitemap that lists other pages too."""
    shop.routes["/sitemap.xml"] = sitemap(shop, "/", "/about", *(f"/product/{number}" for number in range(101, 111)))
    for number in range(101, 111):
        shop.routes[f"/product/{number}"] = product_page(shop, number)
        shop.routes[f"/{number}.jpg"] = Answer(picture(number), kind="image/jpeg")
    return shop


def test_product_pages_of_a_sitemap(mugs: LocalShop, images: Path) -> None:
    assert "10 pages, 10 items met" in run(mugs, images)
    item = Item.objects.get(title="Mug 101")
    assert (item.item_id, str(item.price), item.currency) == ("101", "101.50", "EUR")
    assert item.source == f"{mugs.url}/sitemap.xml"
    assert mugs.count("/about") == 0


def test_a_sitemap_of_sitemaps(mugs: LocalShop, images: Path) -> None:
    packed = gzip.compress(mugs.routes["/sitemap.xml"].body)  # type: ignore[union-attr]
    mugs.routes["/products.xml.gz"] = Answer(packed, kind="application/gzip")
    index = f"<sitemapindex><sitemap><loc>{mugs.url}/products.xml.gz</loc></sitemap></sitemapindex>"
    mugs.routes["/sitemap.xml"] = Answer(index.encode(), kind="text/xml")
    assert "10 items met" in run(mugs, images)


def test_a_page_that_is_gone_is_delisted(mugs: LocalShop, images: Path) -> None:
    run(mugs, images)
    mugs.routes["/product/110"] = Answer(b"gone", 410)
    assert "1 delisted" in run(mugs, images)


def test_a_page_that_fails_is_a_doubt_and_no_end(mugs: LocalShop, images: Path) -> None:
    run(mugs, images)
    mugs.routes["/product/103"] = Answer(b"no", 403)
    del mugs.routes["/product/110"]
    out = run(mugs, images)
    assert "8 items met" in out
    assert "nothing was delisted: 2 of 10 items were not met and stay on sale, as 1 page of products could not be read" in out


def test_a_sitemap_that_breaks_off_delists_nothing(mugs: LocalShop, images: Path) -> None:
    run(mugs, images)
    whole = sitemap(mugs, *(f"/product/{number}" for number in range(101, 110)))
    mugs.routes["/sitemap.xml"] = Answer(whole.body.removesuffix(b"</urlset>"), kind="text/xml")
    assert "not well formed" in run(mugs, images)
    assert not Item.objects.exclude(delisted_at=None).exists()


def test_a_feed_is_sent_to_its_own_command(shop: LocalShop, images: Path) -> None:
    shop.routes["/sitemap.xml"] = Answer(b"<rss><channel></channel></rss>", kind="text/xml")
    with pytest.raises(CommandError, match="it is a feed, not a sitemap: bring its products in with import_products"):
        run(shop, images)


def test_a_sitemap_without_products(shop: LocalShop, images: Path) -> None:
    shop.routes["/sitemap.xml"] = sitemap(shop, "/about")
    shop.routes["/about"] = Answer(b"<html><h1>About us</h1></html>")
    with pytest.raises(CommandError, match="no product found on the 1 pages"):
        run(shop, images)


def test_limit(mugs: LocalShop, images: Path) -> None:
    assert "stopped after 2 items" in run(mugs, images, limit=2)
    assert mugs.count("/product/104") == 0
