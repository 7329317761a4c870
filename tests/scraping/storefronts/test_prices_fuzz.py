"""Any text as a price: an amount in bounds, or none; never an error."""

from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from scraping.storefronts.prices.amounts import machine_price, parse_price, shows_money
from scraping.storefronts.prices.currencies import currency_of

PIECES = st.sampled_from(
    [
        "$", "€", "kr", "Rs.", "NT$", "EUR", "1", "12", "299", "1.299", "12,99", "٣", "-", "–", "%", "/kg", "x", "save", "was",
        "now", " ", "\u2009",
    ]
)  # fmt: skip
TEXTS = st.lists(PIECES | st.text(max_size=4), max_size=30).map("".join)
BOUNDED = settings(max_examples=300, derandomize=True, deadline=None, database=None)


@BOUNDED
@given(TEXTS, st.sampled_from(["", "EUR", "KWD", "CLP"]), st.sampled_from(["", "shop.com.au", "[x", "."]), st.text(max_size=5))
def test_any_text(text: str, currency: str, host: str, language: str) -> None:
    amount, code = parse_price(text, currency, host=host, language=language)
    assert amount is None or 0 <= amount < 10**10
    assert code == "" or (len(code) == 3 and code.isupper())
    assert amount is not None or code == ""
    assert isinstance(shows_money(text), bool)
    assert len(currency_of(text)) in {0, 3}


@BOUNDED
@given(TEXTS | st.integers() | st.floats() | st.decimals())
def test_any_machine_value(value: object) -> None:
    amount = machine_price(value)
    assert amount is None or Decimal(0) <= amount < 10**10
