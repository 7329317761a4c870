"""An amount split over elements is one amount; blocks stay apart."""

import pytest
from bs4 import BeautifulSoup, Tag

from scraping.storefronts.prices.split_amounts import price_text


def text_of(markup: str) -> str:
    element = BeautifulSoup(f"<div id=p>{markup}</div>", "lxml").find(id="p")
    assert isinstance(element, Tag)
    return price_text(element, lambda part: part.name == "del")


@pytest.mark.parametrize(
    ("markup", "text"),
    [
        ("<b>12</b><b>,</b><b>99</b> €", "12,99 €"),
        ("$<span>1,299</span><span>.</span><span>50</span>", "$1,299.50"),
        ("12<sup>99</sup> €", "12.99 €"),
        ("$ <b>12</b>\n <sup> 99 </sup>", "$ 12.99"),
        ("<span>12</span> <span class='price-cents'>99</span> €", "12.99 €"),
        ("<span>12<i>.</i></span><span class=fraction>99</span>", "12.99"),
        ("<p>12</p><p>99 €</p>", "12 99 €"),
        ("12<br>99 €", "12 99 €"),
        ("<del>20 €</del> <ins>15 €</ins>", "15 €"),
        ("<style>p{top:1px}</style>15 €<!-- 3 -->", "15 €"),
        ("<b>5</b><sup>99</sup> <del><sup>12</sup></del>", "5.99"),
    ],
)
def test_pieces(markup: str, text: str) -> None:
    assert text_of(markup) == text
