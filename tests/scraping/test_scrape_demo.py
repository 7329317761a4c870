from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from catalog.models import Item
from demo.catalogue import CatalogueMissingError


def scrape_demo(images: Path) -> str:
    out = StringIO()
    call_command("scrape", "demo", images=images, limit=40, stdout=out, stderr=StringIO())
    return out.getvalue()


@pytest.mark.django_db
def test_the_demo_takes_the_road_of_a_real_shop_and_is_kept_by_its_lasting_address(tmp_path: Path) -> None:
    assert "40 downloaded" in scrape_demo(tmp_path)
    item = Item.objects.order_by("pk")[0]
    assert item.image_url == f"http://127.0.0.1:8001/img/{item.pk}.jpg"
    assert item.url.startswith(f"http://127.0.0.1:8001/product/{item.pk}-")
    assert item.source == "demo"
    assert item.title
    assert item.price
    assert item.category not in {"", "All shirts"}
    # The second run's shop listens on another port; its pictures are known all the same.
    assert "0 downloaded (0.0 MB), 40 already here" in scrape_demo(tmp_path)


@pytest.mark.django_db
def test_a_checkout_without_the_demo_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object) -> None:
        raise CatalogueMissingError("data/demo is missing")

    monkeypatch.setattr("demo.storefront.load", missing)
    with pytest.raises(CommandError, match="demo shop cannot be opened: data/demo is missing"):
        scrape_demo(tmp_path)
