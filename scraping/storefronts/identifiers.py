"""An ItemID from what the shop calls the product."""

import hashlib
import re
import unicodedata
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from catalog.models import is_item_id

_LONGEST: Final = 64
_PRODUCT_KEYS: Final = ("product_id", "productid", "id_product", "products_id", "item_id", "itemid", "goods_id", "pid")
_QUERY_KEYS: Final = (*_PRODUCT_KEYS, "sku", "id", "p", "product")
_ENDING: Final = re.compile(r"\.(?:html?|php|aspx?|jsp|do)$", re.IGNORECASE)
# Four digits or more: "jeans-501" and "shirt-501" are two products. The tail of a code such as "ab1234" is no id.
_TRAILING_NUMBER: Final = re.compile(r"(?:^|[-_])[vpia]?(\d{4,})$")
_WHOLE_NUMBER: Final = re.compile(r"\d+")
_NO_NAMES: Final = frozenset(
    ["index", "detail", "details", "default", "product", "products", "item", "items", "show", "view", "home", "main", "p"]
)


def item_id(raw: str, prefix: str = "") -> str:
    """Make an ItemID of a shop's own id: the id itself where it is one, else its readable part and a digest of the whole.

    The digest keeps ids apart that read alike once odd characters are gone ("a/b" and "a b"), and the same id always gives the
    same ItemID. A leading dot would hide the file, so it counts as odd. Empty input gives an empty string.
    """
    raw = raw.strip()
    if not raw:
        return ""
    plain = prefix + raw
    if is_item_id(plain) and not plain.startswith("."):
        return plain
    ascii_only = unicodedata.normalize("NFKD", plain).encode("ascii", "ignore").decode()
    readable = re.sub(r"[^A-Za-z0-9._-]+", "-", ascii_only).strip("-._")
    digest = hashlib.sha256(plain.encode()).hexdigest()[:8]
    return f"{readable[: _LONGEST - 9].rstrip('-._') or 'id'}-{digest}"


def id_in_url(url: str) -> str:
    """The shop's id in a product's URL: a `product_id` in the query, a number that ends the path, another id, else the slug."""
    try:
        parts = urlsplit(url)
        query = {key.lower(): values[0].strip() for key, values in parse_qs(parts.query, max_num_fields=200).items()}
    except ValueError:
        return ""
    segments = [_ENDING.sub("", unquote(segment)).strip() for segment in parts.path.split("/") if segment.strip()]
    named = [segment for segment in segments if segment.lower() not in _NO_NAMES]
    own = next((query[key] for key in _PRODUCT_KEYS if query.get(key)), "")
    if own:
        return own
    if named:
        if _WHOLE_NUMBER.fullmatch(named[-1]):
            return named[-1]
        number = _TRAILING_NUMBER.search(named[-1])
        if number:
            return number.group(1)
    for key in _QUERY_KEYS:
        if query.get(key):
            return query[key]
    numbers = [segment for segment in named if segment.isascii() and segment.isdigit()]
    if numbers:
        return numbers[-1]
    return named[-1] if named else ""


def slug_in_url(url: str) -> str:
    """The last part of a product's URL that is a name, with its query where that is what tells products apart."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    segments = [_ENDING.sub("", unquote(segment)).strip() for segment in parts.path.split("/") if segment.strip()]
    named = [segment for segment in segments if segment.lower() not in _NO_NAMES]
    return named[-1] if named else unquote(parts.query)


def shopify_handle(url: str) -> str:
    """The handle in a Shopify product's URL, "/products/<handle>"; empty where there is none."""
    _, found, after = urlsplit(url).path.partition("/products/")
    return unquote(after.split("/")[0]).removesuffix(".json") if found else ""
