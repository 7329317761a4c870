"""What may name an item and so a file. `catalog.models.is_item_id` says the same; a test holds the two together."""

import re
from typing import Final

_ITEM_ID: Final = re.compile(r"(?!\.+\Z)[A-Za-z0-9._-]{1,64}")


def is_item_id(text: str) -> bool:
    """Whether `text` is an ItemID: `[A-Za-z0-9._-]`, 1 to 64 long, not only dots."""
    return _ITEM_ID.fullmatch(text) is not None
