"""A site profile: what a shop owner tells us about a shop that the defaults do not read."""

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import soupsieve

from catalog.models import is_item_id
from scraping.errors import ProfileError

SELECTORS: Final = ("card", "link", "image", "title", "price", "next", "id")
_ATTRIBUTE: Final = re.compile(r"^(?P<selector>.*?)@(?P<attribute>[A-Za-z_][\w:.-]*)$")


@dataclass(frozen=True, slots=True)
class Selector:
    """A CSS selector and, after "@", the attribute to read: "img@data-big", "@data-sku" for the card itself."""

    css: str
    attribute: str = ""


@dataclass(frozen=True, slots=True)
class Profile:
    """All optional: an empty profile leaves everything to the reader's own judgement."""

    url: str = ""
    storefront: str = ""
    category: str = ""
    currency: str = ""
    delay: float | None = None
    id_prefix: str = ""
    id_pattern: re.Pattern[str] | None = None
    select: dict[str, Selector] = field(default_factory=dict)


def load_profile(path: Path) -> Profile:
    """Read a profile's TOML; raise ProfileError naming the file, the key and what would do."""
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ProfileError(f"There is no profile {path}: give a category's URL, the path of a .toml file, or demo.") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ProfileError(f"The profile {path} cannot be read: {error}.") from None
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"The profile {path} is not TOML: {error}.") from None
    try:
        return _profile(data)
    except ProfileError as error:
        raise ProfileError(f"The profile {path}: {error}") from None


def _profile(data: dict[str, Any]) -> Profile:
    known = {"url", "storefront", "category", "currency", "delay", "id_prefix", "id_pattern", "select"}
    _refuse_unknown(data, known, "")
    for key in known - {"delay", "select"}:
        if not isinstance(data.get(key, ""), str):
            raise ProfileError(f"{key} must be a string.")
    check_url(data.get("url", ""), "url")
    delay = data.get("delay")
    if delay is not None and (isinstance(delay, bool) or not isinstance(delay, int | float) or not 0 <= delay < float("inf")):
        raise ProfileError("delay must be a number of seconds, 0 or more.")
    currency = data.get("currency", "")
    if currency and not re.fullmatch("[A-Z]{3}", currency):
        raise ProfileError(f"currency is {currency!r}: write it as ISO 4217, three capital letters such as EUR.")
    prefix = data.get("id_prefix", "")
    if prefix and (not is_item_id(prefix) or len(prefix) > 20 or prefix.startswith(".")):
        raise ProfileError(f"id_prefix is {prefix!r}: up to 20 of A-Z a-z 0-9 . _ - and no dot in front.")
    return Profile(
        url=data.get("url", ""),
        storefront=data.get("storefront", ""),
        category=data.get("category", ""),
        currency=currency,
        delay=None if delay is None else float(delay),
        id_prefix=prefix,
        id_pattern=_pattern(data.get("id_pattern", "")),
        select=_selectors(data.get("select", {})),
    )


def check_url(url: str, name: str) -> None:
    """Raise ProfileError unless `url` is http(s) with a host and without a password in it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise ProfileError(f"{name} is {url!r}, which is no URL: {error}.") from None
    if parts.scheme not in {"http", "https"} or not host:
        raise ProfileError(f"{name} is {url!r}: give a whole URL, such as https://shop.example/category/t-shirts/.")
    if parts.username or parts.password:
        raise ProfileError(f"{name} holds a user name or password, which would be kept in the catalogue: leave them out.")


def _pattern(text: str) -> re.Pattern[str] | None:
    if not text:
        return None
    try:
        return re.compile(text)
    except re.error as error:
        raise ProfileError(f"id_pattern {text!r} is no regular expression: {error}.") from None


def _selectors(table: Any) -> dict[str, Selector]:
    if not isinstance(table, dict):
        raise ProfileError("[select] must be a table of CSS selectors.")
    _refuse_unknown(table, set(SELECTORS), "select.")
    found = {}
    for key, text in table.items():
        if not isinstance(text, str) or not text.strip():
            raise ProfileError(f"select.{key} must be a CSS selector in quotes.")
        match = _ATTRIBUTE.match(text.strip())
        selector = Selector(match["selector"].strip(), match["attribute"]) if match else Selector(text.strip())
        try:
            soupsieve.compile(selector.css or "*")
        except soupsieve.SelectorSyntaxError as error:
            raise ProfileError(f"select.{key} {text!r} is no CSS selector: {str(error).splitlines()[0]}.") from None
        found[key] = selector
    return found


def _refuse_unknown(table: dict[str, Any], known: set[str], where: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        raise ProfileError(f"{where}{unknown[0]} is not a key of a profile; there are: {', '.join(sorted(known))}.")
