from decimal import Decimal

import pytest

from scraping.storefronts.prices import parse_price


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("12.30 €", "12.30", "EUR"),
        ("1.234,56 €", "1234.56", "EUR"),
        ("$1,299.00", "1299.00", "USD"),
        ("US$ 15", "15", "USD"),
        ("12 990 ₽", "12990", "RUB"),
        ("12\u00a0990,50 руб.", "12990.50", "RUB"),
        ("CHF 1'299.95", "1299.95", "CHF"),
        ("1.299 €", "1299", "EUR"),
        ("£0.99", "0.99", "GBP"),
        ("19,- Kč", "19", "CZK"),
        ("₹1,23,456.00", "123456.00", "INR"),
        ("1234,5 PLN", "1234.50", "PLN"),
        ("A$20", "20", "AUD"),
        ("€10.00 – €20.00", "10.00", "EUR"),
        ("Was $40.00 Now $25.50", "25.50", "USD"),
        ("-20% $15.00", "15.00", "USD"),
        ("1.000.000 ₫", "1000000", "VND"),
        ("49.90", "49.90", ""),
    ],
)
def test_price(text: str, amount: str, currency: str) -> None:
    assert parse_price(text) == (Decimal(amount), currency)


@pytest.mark.parametrize("text", ["", "Sold out", "Price on request", "99999999999 €"])
def test_no_price(text: str) -> None:
    assert parse_price(text) == (None, "")


def test_the_profile_names_the_currency_where_the_shop_does_not() -> None:
    assert parse_price("250 kr", "SEK") == (Decimal(250), "SEK")
