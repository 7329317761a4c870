"""Google's Merchant feeds in XML: RSS 2.0, Atom, and other lists of elements that repeat; read as a stream."""

import re
from collections.abc import Iterator
from typing import IO, Any, Final

from lxml import etree

from scraping.errors import FeedError
from scraping.feeds.tables.files import FeedFile
from scraping.feeds.tables.rows import Row, column_key

ENTRIES: Final = frozenset({"item", "entry", "product", "offer", "shopitem"})
_MOST_PARTS: Final = 2_000  # elements of one entry
_MOST_NAMES: Final = 2_000
_HEAD: Final = 1 << 16
_ENTITY: Final = re.compile(rb"<!(?:ENTITY|ELEMENT|ATTLIST|NOTATION)|<!DOCTYPE[^>]*\[", re.IGNORECASE)


class XmlTable:
    """A feed whose entries are the elements `item` (RSS), `entry` (Atom) or the like."""

    def __init__(self, feed: FeedFile) -> None:
        self._feed = feed
        self.kind = "XML"
        self.names: list[str] = []
        self.doubts: list[str] = []
        with feed.open() as file:
            # Entities have no business in a feed, and a few of them can fill any memory.
            if _ENTITY.search(file.read(_HEAD).replace(b"\0", b"")):
                raise FeedError(f"{feed.name} declares entities, which no feed needs: refused.")

    def rows(self) -> Iterator[Row]:
        """The entries in order."""
        self.doubts.clear()
        try:
            with self._feed.open() as file:
                yield from self._entries(file)
        except etree.XMLSyntaxError as error:
            reason = str(error).partition("\n")[0][:200] or "it is no XML"
            raise FeedError(f"{self._feed.name} cannot be read to its end: {reason}.") from None

    def _entries(self, file: IO[bytes]) -> Iterator[Row]:
        events = etree.iterparse(
            file, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False,
            remove_comments=True, remove_pis=True,
        )  # fmt: skip
        number = parts = 0
        entry: Any = None
        known: set[str] = set()
        for event, element in events:
            if event == "start":
                if entry is None:
                    if element.getparent() is None and element.getroottree().docinfo.internalDTD is not None:
                        self._refuse_entities(element)
                    if column_key(str(element.tag)) in ENTRIES and element.getparent() is not None:
                        entry, parts = element, 0
                else:
                    parts += 1
                    if parts > _MOST_PARTS:
                        raise FeedError(f"{self._feed.name}: entry {number + 1} has more than {_MOST_PARTS:,} elements.")
            elif element is entry:
                number += 1
                cells = _cells(element)
                for name in cells:
                    if name not in known and len(known) < _MOST_NAMES:
                        known.add(name)
                        if name not in self.names:
                            self.names.append(name)
                yield Row(number, cells)
                entry = None
                _forget(element)
            elif entry is None:
                _forget(element)

    def _refuse_entities(self, root: Any) -> None:
        if next(root.getroottree().docinfo.internalDTD.iterentities(), None) is not None:
            raise FeedError(f"{self._feed.name} declares entities, which no feed needs: refused.")


def _cells(entry: Any) -> dict[str, tuple[str, ...]]:
    """The texts of an entry's elements by their names; an element with children also gives `parent_child`."""
    cells: dict[str, tuple[str, ...]] = {}

    def add(key: str, text: str | None) -> None:
        text = " ".join((text or "").split())
        if text and key:
            cells[key] = (*cells.get(key, ()), text)

    for name, value in entry.attrib.items():
        add(column_key(str(name)), value)
    for part in entry:
        if not isinstance(part.tag, str) or part.get("rel", "alternate") != "alternate":
            continue  # Atom's link to the feed itself, say
        key = column_key(part.tag)
        add(key, part.get("href") if part.get("href") and not (part.text or "").strip() else "".join(_texts(part)))
        for inner in part:
            if isinstance(inner.tag, str):
                add(f"{key}_{column_key(inner.tag)}", "".join(_texts(inner)))
    return cells


def _texts(element: Any) -> Iterator[str]:
    """An element's own text, without that of elements within it."""
    yield element.text or ""
    for inner in element:
        yield inner.tail or ""


def _forget(element: Any) -> None:
    """Free what was read, and what stands before it."""
    element.clear()
    while element.getprevious() is not None:
        del element.getparent()[0]
