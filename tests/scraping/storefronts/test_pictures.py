import pytest
from bs4 import BeautifulSoup, Tag

from scraping.storefronts.pictures import choose_from_srcset, picture_url, split_srcset

BASE = "https://s.example/category/"


def element(html: str) -> Tag:
    found = BeautifulSoup(f"<div>{html}</div>", "lxml").div
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("srcset", "chosen"),
    [
        ("a.jpg 100w, b.jpg 600w, c.jpg 1900w", "b.jpg"),
        ("a.jpg 100w, b.jpg 200w", "b.jpg"),
        ("c.jpg 900w,b.jpg 620w", "b.jpg"),
        ("a.jpg 100w, b.jpg 300w, c.jpg 900w", "c.jpg"),
        ("a.jpg, b.jpg 2x", "a.jpg"),
        ("a.jpg", "a.jpg"),
        ("/w,250,h,9/a.jpg 250w", "/w,250,h,9/a.jpg"),
        ("", None),
        ("data:image/gif;base64,R0 1w", None),
    ],
)
def test_choice_from_srcset(srcset: str, chosen: str | None) -> None:
    assert choose_from_srcset(srcset) == chosen


def test_twice_a_small_picture_is_wanted() -> None:
    assert choose_from_srcset("a.jpg 1x, b.jpg 2x", base_width=300) == "b.jpg"


def test_srcset_without_spaces_between() -> None:
    assert split_srcset("a.jpg 1x,b.jpg 2x") == [("a.jpg", "1x"), ("b.jpg", "2x")]


@pytest.mark.parametrize(
    ("html", "url"),
    [
        ("<img src='/a.jpg'>", "https://s.example/a.jpg"),
        ("<img src='/static/blank.gif' data-src='/a.jpg'>", "https://s.example/a.jpg"),
        ("<img src='data:image/gif;base64,R0' data-original='a.jpg'>", "https://s.example/category/a.jpg"),
        ("<img src='/s.jpg' srcset='/s.jpg 90w, /m.jpg 260w'>", "https://s.example/m.jpg"),
        ("<picture><source srcset='/a.webp'><img src='/a.jpg'></picture>", "https://s.example/a.jpg"),
        ("<picture><source data-srcset='/a.webp'><img src='/loading.gif'></picture>", "https://s.example/a.webp"),
        ("<img class='lazy'><noscript><img src='/a.jpg'></noscript>", "https://s.example/a.jpg"),
        ("<a style=\"background-image: url('/a.jpg')\"></a>", "https://s.example/a.jpg"),
        ("<img src='/heart.svg'><img src='//cdn.example/a.jpg'>", "https://cdn.example/a.jpg"),
        ("<img src='/placeholder.png'>", None),
        ("<img src='file:///etc/passwd'>", None),
        ("no picture", None),
    ],
)
def test_picture_url(html: str, url: str | None) -> None:
    assert picture_url(element(html), BASE) == url
