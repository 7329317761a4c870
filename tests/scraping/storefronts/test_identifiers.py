import pytest

from catalog.models import is_item_id
from scraping.storefronts.identifiers import id_in_url, item_id


@pytest.mark.parametrize(
    ("url", "raw"),
    [
        ("https://s.example/product/810000/", "810000"),
        ("https://s.example/p/blue-shirt-12345.html", "12345"),
        ("https://s.example/p/blue-shirt-v12345", "12345"),
        ("https://s.example/products/t-shirt-2", "t-shirt-2"),
        ("https://s.example/item.php?id=77&size=m", "77"),
        ("https://s.example/4711/blue-shirt", "4711"),
        ("https://s.example/", ""),
    ],
)
def test_id_in_url(url: str, raw: str) -> None:
    assert id_in_url(url) == raw


@pytest.mark.parametrize("raw", ["810000", "AB_1.x-2", "a" * 64])
def test_an_id_that_is_one_stays(raw: str) -> None:
    assert item_id(raw) == raw


@pytest.mark.parametrize("raw", ["a/b", "футболка", "../../etc/passwd", "..", ".hidden", "a" * 65, "x y", "é"])
def test_an_odd_id_becomes_an_item_id_and_always_the_same(raw: str) -> None:
    made = item_id(raw)
    assert is_item_id(made)
    assert not made.startswith(".")
    assert made == item_id(raw) != raw


def test_ids_that_read_alike_stay_apart() -> None:
    assert len({item_id("a/b"), item_id("a b"), item_id("a-b"), item_id("a|b")}) == 4


def test_prefix() -> None:
    assert item_id("12", "acme-") == "acme-12"


def test_nothing_stays_nothing() -> None:
    assert item_id("  ", "acme-") == ""
