"""Prices as shops write them: `parse_price` for people's text, `machine_price` for JSON and `content=`."""

import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Final, NamedTuple

from scraping.storefronts.prices.currencies import currency_of, decimals_of, is_word, settle, sign_after, sign_before
from scraping.storefronts.prices.labels import Rejection, after_now, rejection

__all__ = ["currency_of", "machine_price", "parse_price", "shows_money"]

_LONGEST: Final = 1000
_CONTEXT: Final = 60
_LIMIT: Final = Decimal(10) ** 10
_CENT: Final = Decimal("0.01")
_NUMBER: Final = re.compile(
    r"(?<!\d)(?<!\d[.,])(?:"
    r"\d{1,2}(?:,\d{2})+,\d{3}(?:\.\d{1,2})?"  # 1,23,456.00
    r"|\d{1,3}(?: \d{3})+(?:[.,]\d{1,3})?"  # 12 990,50
    r"|\d{1,3}(?:['’]\d{3})+(?:[.,]\d{1,3})?"  # 1'299.95
    r"|\d{1,3}(?:\.\d{3})+(?:,\d{1,3})?"  # 1.234,56
    r"|\d{1,3}(?:,\d{3})+(?:\.\d{1,3})?"  # 1,234.56
    r"|\d+[€$£]\d{2}"  # 12€99
    r"|\d+(?:[.,]\d+)?"
    r"|\.\d{2}"
    r")(?!\d|[.,]\d)"
)
# Spans leave spaces: "12 , 99 €", "118, 99 TL".
_SPLIT_SEPARATOR: Final = re.compile(r"(?<=\d) [.,] ?(?=\d{1,3}(?!\d))|(?<=\d), (?=\d\d(?!\d|[.,]\d))|(?<=\d)\. (?=\d\d ?$)")
_DIGITS_OF_OTHERS: Final = {"٫": ".", "٬": ",", "，": ",", "．": ".", "＄": "$", "−": "-", "–": "–"}
_RANGE: Final = re.compile(r"\s*(?:[-–—~]|to|bis|до|a|à|al|hasta|up to)\s*", re.IGNORECASE)


class _Amount(NamedTuple):
    """A number of the text and what stands about it. start and end: with its currency's sign."""

    value: Decimal
    sign: str
    start: int
    end: int
    rejected: Rejection | None


def parse_price(text: str, default_currency: str = "", *, host: str = "", language: str = "") -> tuple[Decimal | None, str]:
    """The price to pay now and its ISO 4217 currency; (None, "") where `text` shows none.

    Of a range the lower end; not what it was before, nor a price by weight, an instalment, a saving, a size or a count. A
    single group of three digits after a separator is thousands ("1.299" is 1299), but for currencies of three decimals.
    default_currency: what the shop itself names, for amounts without a sign and signs that several countries share; host and
    language settle the latter too (`currencies.settle`). Amounts are rounded to hundredths.
    """

    def currency(sign: str) -> str:
        return settle(sign, default_currency, host=host, language=language) if sign else default_currency

    plain = _plain(text[:_LONGEST])
    now = after_now(plain)
    for part in (now, plain) if now else (plain,):
        amounts = _amounts(part, currency)
        for wanted in (None, "last resort"):
            left = [amount for amount in amounts if amount.rejected == wanted]
            chosen = _choose([amount for amount in left if amount.sign] or left, part)
            if chosen is not None:
                return chosen.value.quantize(_CENT), currency(chosen.sign)
    return None, ""


def shows_money(text: str) -> bool:
    """Whether a number stands beside a currency's sign or code, be it one that many countries share."""
    return any(amount.sign for amount in _amounts(_plain(text[:_LONGEST]), settle))


def machine_price(value: object, currency: str = "") -> Decimal | None:
    """A price that was written for programs (JSON, `content=`, a feed); None where it is none.

    Numbers are taken as they are: "19.990" is 19.99, unless `currency` has no decimals (19.990 CLP is 19990). A code
    may stand beside the number; text with a sign or with a comma is read as people's, since shops put those there too.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float | Decimal):
        return None
    text = _plain(str(value)).strip()
    if re.fullmatch(r"\d{1,3}(?:\.\d{3})+", text) and decimals_of(currency) == 0:
        text = text.replace(".", "")
    if re.fullmatch(r"\d+(?:\.\d*)?(?:[eE][+-]?\d{1,2})?|\.\d+", text):
        try:
            amount = Decimal(text)
        except InvalidOperation:
            return None
        return amount.quantize(_CENT) if amount < _LIMIT else None
    coded = re.fullmatch(r"(?:([A-Z]{3}) ?)?(\d+(?:\.\d+)?)(?: ?([A-Z]{3}))?", text)
    if coded:  # "19.990 EUR", as Google's Merchant feeds have it
        return machine_price(coded.group(2), coded.group(1) or coded.group(3) or currency)
    return parse_price(text, currency)[0]


def _plain(text: str) -> str:
    """ASCII digits and separators, single spaces, no marks of direction."""
    characters = []
    for character in text:
        if character in _DIGITS_OF_OTHERS:
            characters.append(_DIGITS_OF_OTHERS[character])
        elif character.isdecimal() and not character.isascii():
            characters.append(str(unicodedata.decimal(character)))
        elif unicodedata.category(character) not in {"Cf", "Cc"} or character.isspace():
            characters.append(character)
    spaced = re.sub(r"\s+", " ", "".join(characters))
    return _SPLIT_SEPARATOR.sub(lambda match: match.group().strip(), spaced)


def _amounts(text: str, currency: Callable[[str], str]) -> list[_Amount]:
    found: list[_Amount] = []
    for match in _NUMBER.finditer(text):
        last = found[-1].end if found else 0
        before, after = text[max(last, match.start() - _CONTEXT) : match.start()], text[match.end() : match.end() + _CONTEXT]
        first = sign_before(before)
        second, length = sign_after(after)
        inside = re.search(r"[€$£]", match.group())
        if re.match(r" ?\d" if first else r"\d", after[length:]) and (first or after[0] == " "):
            second = ""  # "€10 €20", "2 $20": it belongs to the next number
        sign = inside.group() if inside else _stronger(first, second)
        if is_word(sign) and not currency(sign):
            sign = ""
        if not sign and (_letter(text, match.start() - 1) or _letter(text, match.end())):
            continue
        start = match.start() - (len(before) - before.rfind(first) if first else 0)
        end = match.end() + (length if second and sign == second else 0)
        value = _value(match.group(), currency(sign))
        if value >= _LIMIT:
            continue
        context = text[max(0, start - _CONTEXT) : start], text[end : end + _CONTEXT]
        found.append(_Amount(value, sign, start, end, rejection(*context, has_sign=bool(sign))))
    for at, (lower, upper) in enumerate(pairwise(found)):
        if upper.sign and not lower.sign and _RANGE.fullmatch(text[lower.end : upper.start]):
            found[at] = lower._replace(sign=upper.sign)  # "25–30 €"
    return found


def _stronger(first: str, second: str) -> str:
    """Of the signs before and after a number the one that names one currency: "$25 CAD"."""
    if first and second and not settle(first) and settle(second):
        return second
    return first or second


def _letter(text: str, at: int) -> bool:
    return 0 <= at < len(text) and text[at].isalpha()


def _choose(amounts: list[_Amount], text: str) -> _Amount | None:
    """The first; the lowest of a range or of two prices side by side."""
    if not amounts:
        return None
    chosen = amounts[0]
    for former, amount in pairwise(amounts):
        between = text[former.end : amount.start]
        if former.sign and amount.sign and former.sign != amount.sign:
            break
        if between.strip() and not _RANGE.fullmatch(between):
            break
        if amount.value and amount.value < chosen.value:
            chosen = amount
    return chosen


def _value(number: str, currency: str) -> Decimal:
    plain = re.sub(r"[ '’]", "", number)
    separators = re.findall(r"[.,€$£]", plain)
    if not separators:
        return Decimal(plain)
    whole, _, fraction = plain.rpartition(separators[-1])
    thousands = len(fraction) == 3 and whole.strip("0") != "" and decimals_of(currency) != 3
    if len(set(separators)) == 1 and (thousands or len(separators) > 1):
        whole, fraction = whole + fraction, ""
    return Decimal(f"{re.sub('[.,]', '', whole) or '0'}.{fraction or '0'}")
