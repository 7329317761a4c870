"""A folder of pictures alone: each is a product, its subfolder the category."""

import os
import unicodedata
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import quote

from scraping.errors import FeedError
from scraping.feeds.pictures import SCHEME
from scraping.storefronts.base import Card
from scraping.storefronts.identifiers import item_id

ENDINGS: Final = frozenset({".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".webp", ".gif", ".bmp", ".tif", ".tiff", ".avif"})


def read_folder(folder: Path, id_prefix: str = "", category: str = "") -> Iterator[Card]:
    """The pictures below `folder` in order of their paths, hidden files left out. Raises FeedError.

    The ItemID is the file's name without its ending. Where two files share that, each gets one made of its path instead, so
    that an ItemID does not depend on the order in which files came.
    """
    if not folder.is_dir():
        raise FeedError(f"{folder} is no folder.")
    paths = sorted(_pictures(folder))
    if not paths:
        raise FeedError(f"{folder} holds no pictures ({', '.join(sorted(ENDINGS))}).")
    names = Counter(_text(path.stem).casefold() for path in paths)
    for path in paths:
        inner, name = path.relative_to(folder), _text(path.stem)
        yield Card(
            item_id=item_id(name if names[name.casefold()] == 1 else _text(inner.as_posix()), id_prefix),
            title=_words(name) if any(map(str.isalpha, name)) else "",
            url="",
            image_url=SCHEME + quote(os.fsencode(inner.as_posix())),
            category=category or _words(_text(inner.parent.name)),
        )


def _text(name: str) -> str:
    """A file's name as text: composed, so that it is the same on every system; bytes that are no UTF-8 as `\\xe9`."""
    return unicodedata.normalize("NFC", os.fsencode(name).decode("utf-8", "backslashreplace"))


def _words(name: str) -> str:
    return " ".join(name.replace("_", " ").split())[:200]


def _pictures(folder: Path) -> Iterator[Path]:
    try:
        for path in folder.rglob("*"):
            hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
            if path.suffix.lower() in ENDINGS and not hidden and path.is_file():
                yield path
    except OSError as error:
        raise FeedError(f"{folder} cannot be read: {error.strerror or error}.") from None
