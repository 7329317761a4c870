"""What the cells of feeds mean: names, categories, stock, sale prices, pictures."""

import html
import re
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Final
from urllib.parse import quote, urljoin, urlsplit

from django.utils.dateparse import parse_date, parse_datetime

from scraping.storefronts.prices.amounts import currency_of, machine_price

_TAG: Final = re.compile(r"</?[a-zA-Z][^<>]{0,200}>")
_IN_STOCK: Final = frozenset([
    "in_stock", "instock", "available", "yes", "y", "true", "limited", "limited_availability", "low_stock", "onlineonly",
    "onbackorder", "backorder", "preorder", "pre_order", "available_for_order", "auf_lager", "lieferbar", "verfügbar",
    "vorrätig", "ja", "en_stock", "disponible", "oui", "sí", "si", "disponibile", "sim", "disponível", "na_skladě",
    "w_magazynie", "dostępny", "tak", "да", "есть", "в_наличии", "есть_в_наличии", "на_складе", "continue",
])  # fmt: skip
_OUT_OF_STOCK: Final = frozenset([
    "out_of_stock", "outofstock", "sold_out", "soldout", "unavailable", "not_available", "no", "n", "false", "discontinued",
    "deny", "ausverkauft", "nicht_auf_lager", "nicht_verfügbar", "nein", "rupture", "rupture_de_stock", "épuisé", "agotado",
    "sin_stock", "non", "esaurito", "não", "esgotado", "vyprodáno", "nie", "нет", "нет_в_наличии", "продано",
])  # fmt: skip
_HIERARCHY: Final = re.compile(r"\s*(?:>|»|›|→|\|\s)\s*")
_BETWEEN_ADDRESSES: Final = re.compile(r"\s*[,;|\n]\s*(?=(?:https?:)?//)|\s*\n\s*|\s+(?=https?://)")
_BETWEEN_PATHS: Final = re.compile(r"\s*[,;|\n]\s*")
_LONGEST_ADDRESS: Final = 2000


def plain_text(text: str, longest: int) -> str:
    """Text without HTML's tags and references, single-spaced, cut to `longest` characters."""
    return " ".join(html.unescape(_TAG.sub(" ", html.unescape(text[: 20 * longest]))).split())[:longest]


def last_category(text: str, *, is_list: bool = False) -> str:
    """Of "Clothes > Shirts" the last part; "" for Google's category numbers.

    is_list: commas stand between several categories, of which the deepest is taken; a comma in a name has a backslash.
    """
    paths = re.split(r"(?<!\\),\s*", text[:2000]) if is_list else [text[:2000]]
    deepest = max(paths, key=lambda path: path.count(">"))
    parts = [part for part in _HIERARCHY.split(plain_text(deepest.replace("\\,", ","), 1000)) if part]
    return parts[-1][:200] if parts and not parts[-1].isdigit() else ""


def stock_of(text: str) -> bool | None:
    """Whether a product can be bought, from a word or a number of pieces; None when it does not say."""
    plain = text.strip().casefold()
    number = re.fullmatch(r"(-?\d{1,12})(?:[.,]\d+)?", plain)
    if number:
        return int(number.group(1)) > 0
    word = re.sub(r"[\W_]+", "_", plain.rpartition("/")[2]).strip("_")
    return True if word in _IN_STOCK else False if word in _OUT_OF_STOCK else None


def money(text: str, currency: str, default: str) -> tuple[Decimal | None, str]:
    """An amount and its ISO 4217 currency: named by the text itself, by the column `currency`, or `default`."""
    named = currency_of(currency, default) or default
    code = currency_of(text, named) or named
    amount = machine_price(text, code)
    return (amount, code) if amount is not None else (None, "")


def in_force(dates: str, first: str, last: str, now: datetime) -> bool:
    """Whether a sale price holds at `now` (aware): within `start/end`, or from `first` to `last`, both days included.

    Empty means no bound; a date that cannot be read means no: the usual price is the safe one.
    """
    if dates:
        first, _, last = dates.partition("/")
    for text, is_end in ((first.strip(), False), (last.strip(), True)):
        if not text:
            continue
        moment = _moment(text, is_end=is_end, now=now)
        if moment is None or (now > moment if is_end else now < moment):
            return False
    return True


def _moment(text: str, *, is_end: bool, now: datetime) -> datetime | None:
    """A date or a time as feeds write it; a date alone is the whole day."""
    text = re.sub(r"([+-]\d\d)(\d\d)$", r"\1:\2", text)
    try:
        day = parse_date(text)
        if day is None and re.fullmatch(r"\d{1,2}\.\d{1,2}\.\d{4}", text):
            day = date(*reversed([int(part) for part in text.split(".")]))
        if day is not None:
            moment = datetime.combine(day, time.min, now.tzinfo)
            return moment + timedelta(days=1) if is_end else moment
        found = parse_datetime(text)
    except (ValueError, OverflowError):
        return None
    return found if found is None or found.tzinfo else found.replace(tzinfo=now.tzinfo or UTC)


def pictures_of(values: tuple[str, ...], base_url: str, *, local: bool) -> tuple[str, ...]:
    """The pictures that cells name, in order and each once: absolute addresses, or paths behind `file:` where `local`.

    base_url: what relative addresses are relative to, "" where nothing is. Those that cannot be used are left out.
    """
    found: dict[str, None] = {}
    for value in values:
        separator = _BETWEEN_ADDRESSES if "//" in value else _BETWEEN_PATHS
        for part in separator.split(value):
            address = _address(html.unescape(part.strip().strip("\"'")), base_url, local=local)
            if address:
                found[address] = None
    return tuple(found)


def link_of(text: str, base_url: str) -> str:
    """A product's page as an absolute http(s) address without surroundings; "" where there is none."""
    return _address(html.unescape(text.strip()), base_url, local=False)


def _address(text: str, base_url: str, *, local: bool) -> str:
    if not text or len(text) > _LONGEST_ADDRESS or any(ord(character) < 32 for character in text):
        return ""
    try:
        parts = urlsplit(text)
        if parts.scheme in {"http", "https"}:
            return text if parts.hostname and parts.port != 0 else ""
        if text.startswith("//"):
            return f"https:{text}" if parts.hostname else ""
        if "://" in text or parts.scheme in {"data", "javascript", "mailto", "blob"}:
            return ""
        if local and not (base_url and text.startswith("/")):
            return "file:" + quote(text.removeprefix("file:").replace("\\", "/"))
        address = urljoin(base_url, text) if base_url else ""
        return address if urlsplit(address).hostname else ""
    except ValueError:
        return ""
