import pytest

from scraping.fetching.client import Fetched
from scraping.walk.reading import source_of


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("text/html; charset=windows-1251", "Футболка".encode("cp1251")),
        ("text/html; charset=UTF-8", "Футболка".encode()),
        ("text/html", "Футболка".encode()),
        ("text/html; charset=nonsense", "Футболка".encode()),
        ("text/html", b"<meta charset='windows-1251'>" + "Футболка".encode("cp1251")),
        ("", b"\xff\xd0" + "Футболка".encode()),
    ],
)
def test_the_charset_of_a_page(kind: str, body: bytes) -> None:
    source = source_of(Fetched("https://s.example/", 200, {"content-type": kind}, body))
    assert source.text.endswith("Футболка")
