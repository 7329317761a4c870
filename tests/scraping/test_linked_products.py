"""A category that shows no more than links to its products is read from their own pages."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Item
from tests.scraping.local_shop import Answer, LocalShop, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def images(tmp_path: Path) -> Path:
    return tmp_path / "images"


def run(shop: LocalShop, images: Path, **options: int) -> str:
    out = StringIO()
    call_command("scrape", f"{shop.url}/mugs", images=images, delay=0, stdout=out, stderr=StringIO(), **options)
    return out.getvalue()


def listing(*numbers: int, ending: str = "") -> Answer:
    links = "".join(f"<li><a href='/product/{number}/'>Mug {number}</a></li>" for number in numbers)
    return Answer(f"<html><title>Mugs</title><nav><a href='/product/999/'>Best</a></nav>{links}{ending}</html>".encode())


@pytest.fixture
def mugs(shop: LocalShop) -> LocalShop:
    """Ten mugs on two pages."""
    shop.routes["/mugs"] = listing(*range(101, 106), ending="<link rel=next href='/mugs?page=2'>")
    shop.routes["/mugs?page=2"] = listing(*range(106, 111))
    for number in range(101, 111):
        data = {
            "@context": "https://schema.org", "@type": "Product", "name": f"Mug {number}", "image": f"/{number}.jpg",
            "offers": {"@type": "Offer", "price": "5.00", "priceCurrency": "EUR"},
        }  # fmt: skip
        script = f"<script type='application/ld+json'>{json.dumps(data)}</script>"
        page = f"<html><title>Mug {number}</title>{script}<h1>Mug {number}</h1><img src='/{number}.jpg'></html>"
        shop.routes[f"/product/{number}/"] = Answer(page.encode())
        shop.routes[f"/{number}.jpg"] = Answer(picture(number), kind="image/jpeg")
    return shop


def test_every_product_is_read_from_its_own_page(mugs: LocalShop, images: Path) -> None:
    assert "2 pages, 10 items met" in run(mugs, images)
    assert str(Item.objects.get(title="Mug 107").price) == "5.00"
    assert mugs.count("/product/999/") == 0


def test_a_product_s_page_that_fails_is_a_doubt(mugs: LocalShop, images: Path) -> None:
    run(mugs, images)
    mugs.routes["/product/101/"] = Answer(b"no", 403)
    out = run(mugs, images)
    assert "9 items met" in out
    assert "nothing was delisted: 1 of 10 items were not met and stay on sale, as 1 card could not be read" in out


def test_a_limit_asks_for_no_more_pages(mugs: LocalShop, images: Path) -> None:
    run(mugs, images, limit=2)
    assert mugs.count("/product/104/") == 0


def test_links_that_lead_to_no_product(shop: LocalShop, images: Path) -> None:
    shop.routes["/mugs"] = listing(101, 102)
    shop.routes["/product/101/"] = shop.routes["/product/102/"] = Answer(b"<html><h1>Soon</h1></html>")
    with pytest.raises(CommandError, match="no products found at"):
        run(shop, images)
