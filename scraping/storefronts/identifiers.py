"""An ItemID from what the shop calls the product."""

import hashlib
import re
import unicodedata
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from catalog.models import is_item_id

_LONGEST: Final = 64
_QUERY_KEYS: Final = ("product_id", "productid", "item_id", "sku", "id", "pid")
_ENDING: Final = re.compile(r"\.(?:html?|php|aspx?|jsp)$", re.IGNORECASE)
_TRAILING_NUMBER: Final = re.compile(r"(?:^|[-_])[a-z]{0,2}(\d{3,})$", re.IGNORECASE)


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
    """The shop's id in a product's URL: a number that ends the path, an id in the query, a number in it, else the slug."""
    parts = urlsplit(url)
    query = {key.lower(): values[0] for key, values in parse_qs(parts.query).items()}
    segments = [_ENDING.sub("", unquote(segment)) for segment in parts.path.split("/") if segment]
    if segments:
        number = _TRAILING_NUMBER.search(segments[-1])
        if number:
            return number.group(1)
    for key in _QUERY_KEYS:
        if query.get(key):
            return query[key]
    numbers = [segment for segment in segments if segment.isascii() and segment.isdigit()]
    if numbers:
        return numbers[-1]
    return segments[-1] if segments else ""
