"""Which currency a text names, and how many decimals it has."""

import pytest

from scraping.storefronts.prices.currencies import country_of_host, country_of_language, currency_of, decimals_of


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("EUR", "EUR"), ("eur", "EUR"), ("cad", "CAD"), ("€", "EUR"), ("NT$", "TWD"), ("Price in USD", "USD"), ("$", ""),
        ("kr", ""), ("XYZ", ""), ("", ""), ("ALL sizes", ""), ("Pencil", ""), ("10 zł", "PLN"),
    ],
)  # fmt: skip
def test_a_text_names(text: str, code: str) -> None:
    assert currency_of(text) == code


def test_a_shared_sign_is_settled_by_the_shop() -> None:
    assert currency_of("$", "AUD") == "AUD"


@pytest.mark.parametrize(
    ("host", "country"),
    [
        ("shop.com.au", "AU"),
        ("shop.co.uk", "GB"),
        ("shop.de:8000", "DE"),
        ("shop.com", ""),
        ("shop.io", ""),
        ("localhost", ""),
        ("", ""),
    ],
)
def test_a_host_is_of_a_country(host: str, country: str) -> None:
    assert country_of_host(host) == country


@pytest.mark.parametrize(
    ("language", "country"),
    [
        ("en-AU", "AU"),
        ("en_CA", "CA"),
        ("en", "US"),
        ("zh-Hant", "TW"),
        ("zh-Hant-HK", "HK"),
        ("sv", "SE"),
        ("xx", ""),
        ("", ""),
    ],
)
def test_a_language_points_to_a_country(language: str, country: str) -> None:
    assert country_of_language(language) == country


@pytest.mark.parametrize(("currency", "decimals"), [("EUR", 2), ("JPY", 0), ("IDR", 0), ("KWD", 3), ("", 2)])
def test_decimals(currency: str, decimals: int) -> None:
    assert decimals_of(currency) == decimals
