"""Prices as shops write them."""

import re
from decimal import Decimal
from typing import Final

# Longer signs first: "US$" must not be read as "$".
_SIGNS: Final = {
    "US$": "USD", "A$": "AUD", "AU$": "AUD", "C$": "CAD", "CA$": "CAD", "HK$": "HKD", "NZ$": "NZD", "S$": "SGD", "R$": "BRL",
    "MX$": "MXN",
    "CN¥": "CNY", "JP¥": "JPY", "$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "￥": "JPY", "円": "JPY", "元": "CNY",
    "₽": "RUB", "руб": "RUB", "р.": "RUB", "₴": "UAH", "грн": "UAH", "₸": "KZT", "₹": "INR", "zł": "PLN", "Kč": "CZK",
    "Ft": "HUF",
    "лв": "BGN", "₺": "TRY", "₩": "KRW", "₫": "VND", "฿": "THB", "₪": "ILS", "₱": "PHP", "Br": "BYN", "Fr.": "CHF",
}  # fmt: skip
_SIGN: Final = re.compile("|".join(re.escape(sign) for sign in sorted(_SIGNS, key=len, reverse=True)))
_CODE: Final = re.compile(
    r"(?<![A-Za-z])(?:AED|ARS|AUD|BGN|BRL|BYN|CAD|CHF|CLP|CNY|COP|CZK|DKK|EGP|EUR|GBP|GEL|HKD|HUF|IDR|ILS|INR|ISK|JPY|KRW|KZT"
    r"|MXN|MYR|NOK|NZD|PHP|PLN|RON|RSD|RUB|SAR|SEK|SGD|THB|TRY|TWD|UAH|USD|UZS|VND|ZAR)(?![A-Za-z])"
)
_SPACE: Final = " \u00a0\u2009\u202f"
_NUMBER: Final = re.compile(
    rf"(?<![\d.,])(?:\d{{1,2}}(?:,\d{{2}})+,\d{{3}}(?:\.\d{{1,2}})?"  # 1,23,456.00
    rf"|\d{{1,3}}(?:[{_SPACE}'’]\d{{3}})+(?:[.,]\d{{1,2}})?(?!\d)"  # 12 990,50
    rf"|\d{{1,3}}(?:\.\d{{3}})+(?:,\d{{1,2}})?(?!\d)"  # 1.234,56
    rf"|\d{{1,3}}(?:,\d{{3}})+(?:\.\d{{1,2}})?(?!\d)"  # 1,234.56
    rf"|\d+(?:[.,]\d{{1,2}})?(?!\d))"
)
_NOW: Final = re.compile(r"\b(?:now|jetzt|сейчас|maintenant|ahora)\b", re.IGNORECASE)
_LIMIT: Final = Decimal(10) ** 10


def currency_of(text: str) -> str:
    """The ISO 4217 code that `text` names by sign or code, or an empty string."""
    code = _CODE.search(text)
    if code:
        return code.group()
    sign = _SIGN.search(text)
    return _SIGNS[sign.group()] if sign else ""


def parse_price(text: str, default_currency: str = "") -> tuple[Decimal | None, str]:
    """Read the price that is asked now: of a range the lower end, after "now" rather than before.

    A number beside a currency sign wins over one that stands alone ("-20 % $15"). A single group of three digits after a
    separator is thousands ("1.299" is 1299), since shops show two decimals or none. Returns (None, "") when there is none.
    """
    now = _NOW.search(text)
    if now and _NUMBER.search(text, now.end()):
        text = text[now.end() :]
    found = [match for match in _NUMBER.finditer(text) if not text[match.end() :].lstrip().startswith("%")]
    if not found:
        return None, ""
    priced = [match for match in found if currency_of(_beside(text, match))]
    match = (priced or found)[0]
    amount = _amount(match.group())
    if amount >= _LIMIT:
        return None, ""
    return amount, currency_of(_beside(text, match)) or currency_of(text) or default_currency


def _beside(text: str, match: re.Match[str]) -> str:
    """What touches a number on either side, up to the next digit."""
    before = re.search(r"[^\d%]{0,5}$", text[: match.start()])
    after = re.match(r"[^\d]{0,5}", text[match.end() :])
    return (before.group() if before else "") + " " + (after.group() if after else "")


def _amount(number: str) -> Decimal:
    plain = re.sub(rf"[{_SPACE}'’]", "", number)
    separators = re.findall(r"[.,]", plain)
    if not separators:
        return Decimal(plain)
    last = separators[-1]
    whole, _, fraction = plain.rpartition(last)
    thousands = len(fraction) == 3 and whole != "0"
    if thousands:
        whole, fraction = whole + fraction, ""
    whole = re.sub(r"[.,]", "", whole)
    return Decimal(f"{whole}.{fraction}" if fraction else whole).quantize(Decimal("0.01"))
