"""What may name an item and so a file. The one place that knows: the catalogue's model takes it from here."""

import re
from typing import Final

ITEM_ID_PATTERN: Final = r"(?!\.+$)[A-Za-z0-9._-]{1,64}"
_ITEM_ID: Final = re.compile(ITEM_ID_PATTERN)


def is_item_id(text: str) -> bool:
    """Whether `text` is an ItemID: `[A-Za-z0-9._-]`, 1 to 64 long, not only dots."""
    return _ITEM_ID.fullmatch(text) is not None
