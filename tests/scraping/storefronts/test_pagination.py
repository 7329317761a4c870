import pytest
from bs4 import BeautifulSoup

from scraping.storefronts.pagination import next_url

HERE = "https://s.example/category/all?page=2"
NEXT = "https://s.example/category/all?page=3"


@pytest.mark.parametrize(
    "html",
    [
        "<link rel='next' href='?page=3'>",
        "<a rel='nofollow next' href='?page=3'>3</a>",
        "<a class='next' href='?page=3'>&gt;</a>",
        "<li class='next'><a href='?page=3'>x</a></li>",
        "<a aria-label='Next page' href='?page=3'><svg></svg></a>",
        "<a href='?page=3'>Next</a>",
        "<a href='?page=3'>Далее</a>",
        "<a href='?page=3'>Следующая страница →</a>",
        "<a href='?page=3'>»</a>",
        "<a href='?page=1'>1</a><a href='?page=3'>3</a><a href='?page=9'>9</a>",
    ],
)
def test_next_page(html: str) -> None:
    assert next_url(BeautifulSoup(html, "lxml"), HERE) == NEXT


def test_numbered_pages_in_the_path() -> None:
    soup = BeautifulSoup("<a href='/shirts/page/2/'>2</a>", "lxml")
    assert next_url(soup, "https://s.example/shirts/") == "https://s.example/shirts/page/2/"


@pytest.mark.parametrize(
    "html",
    [
        "",
        "<a class='next disabled' href='?page=3'>Next</a>",
        "<a class='next' href='#'>Next</a>",
        "<a class='next' href='?page=2'>Next</a>",
        "<a href='/other?page=3'>3</a>",
        "<a href='?page=1'>1</a>",
        "<a href='/news'>Next summer's colours are here now</a>",
    ],
)
def test_last_page(html: str) -> None:
    assert next_url(BeautifulSoup(html, "lxml"), HERE) is None
