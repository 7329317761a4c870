"""Merchant feeds in XML, and what must not be read."""

from pathlib import Path

import pytest

from scraping.errors import FeedError
from tests.scraping.feeds.helpers import rows_of, table_of

RSS = """<?xml version="1.0"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0"><channel><title>Shop</title><link>https://shop.example</link>
<item><g:id>1</g:id><title><![CDATA[Cat & Dog]]></title><!-- x --><g:additional_image_link>a</g:additional_image_link>
<g:additional_image_link>b</g:additional_image_link><g:shipping><g:price>5 EUR</g:price></g:shipping></item>
<item><g:id>2</g:id></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><title>Shop</title>
<entry><g:id>1</g:id><title>Cat</title><link rel="self" href="https://shop.example/feed"/><link href="https://shop.example/1"/></entry></feed>"""


def test_rss(tmp_path: Path) -> None:
    first, second = rows_of(tmp_path, RSS)
    assert first.cells["title"] == ("Cat & Dog",)
    assert first.cells["additional_image_link"] == ("a", "b")
    assert first.cells["shipping_price"] == ("5 EUR",)
    assert (second.number, second.cells) == (2, {"id": ("2",)})


def test_atom(tmp_path: Path) -> None:
    assert [row.cells for row in rows_of(tmp_path, ATOM)] == [
        {"id": ("1",), "title": ("Cat",), "link": ("https://shop.example/1",)}
    ]


def test_a_stated_charset(tmp_path: Path) -> None:
    content = '<?xml version="1.0" encoding="windows-1251"?><rss><item><id>1</id><title>Кот</title></item></rss>'
    assert rows_of(tmp_path, content.encode("cp1251"))[0].cells["title"] == ("Кот",)


@pytest.mark.parametrize("end", [RSS[: RSS.index("<item><g:id>2")], RSS[:-20], RSS.replace("</g:shipping>", "")])
def test_a_cut_or_broken_feed_is_no_whole_one(tmp_path: Path, end: str) -> None:
    with pytest.raises(FeedError, match="feed cannot be read to its end: "):
        rows_of(tmp_path, end)


BOMB = '<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><rss><item><id>&b;</id></item></rss>'


@pytest.mark.parametrize("bomb", [BOMB.encode(), BOMB.encode("utf-16"), f"<!--{' ' * 100_000}-->{BOMB}".encode()])
def test_entities_are_refused(tmp_path: Path, bomb: bytes) -> None:
    with pytest.raises(FeedError, match="entities"):
        rows_of(tmp_path, bomb)


def test_entities_in_an_attribute_are_refused_before_the_parser_sees_them(tmp_path: Path) -> None:
    tens = "".join(f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 9))
    with pytest.raises(FeedError, match="entities"):
        rows_of(tmp_path, f'<!DOCTYPE r [<!ENTITY a0 "aaaaaaaaaa">{tens}]><rss v="&a8;"><item><id>1</id></item></rss>')


def test_files_of_this_machine_stay_closed(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret")
    content = f'<!DOCTYPE r SYSTEM "file://{tmp_path}/secret"><rss><item><id>1</id></item></rss>'
    assert rows_of(tmp_path, content)[0].cells == {"id": ("1",)}


def test_an_entry_of_too_many_elements_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="more than 2,000 elements"):
        rows_of(tmp_path, f"<rss><item>{'<a/>' * 3000}</item></rss>")


@pytest.mark.parametrize("content", ["<!doctype html><p>", "<HTML><body>"])
def test_a_web_page_is_called_one(tmp_path: Path, content: str) -> None:
    with pytest.raises(FeedError, match="web page"):
        table_of(tmp_path, content)
