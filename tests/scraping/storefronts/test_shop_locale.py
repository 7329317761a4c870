"""What a page tells of its currency and language."""

import pytest
from bs4 import BeautifulSoup

from scraping.storefronts.prices.shop_locale import Locale, read_locale


def read(text: str, url: str = "https://www.shop.example/all") -> Locale:
    return read_locale(BeautifulSoup(text, "lxml"), text, url)


@pytest.mark.parametrize(
    ("text", "currency"),
    [
        ("<meta property='og:price:currency' content='CAD'>", "CAD"),
        ("<b itemprop=priceCurrency>EUR</b>", "EUR"),
        ('<script>Shopify.currency = {"active":"AUD","rate":"1.0"}; x = {\'currency\':\'USD\'}</script>', "AUD"),
        ('<script>{"priceCurrency": "GBP"}</script>', "GBP"),
        ('<script>wc = {"currency":{"code":"NZD"}}</script>', "NZD"),
        ("<p data-currency-code='SEK'>", "SEK"),
        ("<p data-currency='SEK'>", "SEK"),
        ("<script>currency = 'USD'; currency = 'EUR'</script>", ""),
        ("<script>a={currency:'USD',b:{currency:'USD'}}; currencyCode='EUR'</script>", "USD"),
        ("<script>currency = 'ABC'</script>", ""),
        ("<p>Our currency is nice", ""),
    ],
)
def test_the_currency(text: str, currency: str) -> None:
    assert read(text).currency == currency


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("<html lang='en-AU'>", "en-AU"),
        ("<meta property='og:locale' content='en_CA'>", "en_CA"),
        ("<p>", ""),
        ("<html lang=''>", ""),
    ],
)
def test_the_language(text: str, language: str) -> None:
    assert read(text).language == language


def test_the_host() -> None:
    assert read("<p>").host == "www.shop.example"
    assert read("<p>", "http://[x/").host == ""
