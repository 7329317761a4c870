"""JSON-LD as shops write it: several objects in a block, comments, trailing commas, references within a graph.

Own code in place of extruct, which loses every block of a page when one is malformed, and brings rdflib, html5lib and mf2py.
"""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from bs4 import BeautifulSoup

MOST_BLOCKS: Final = 200
MOST_CHARACTERS: Final = 4_000_000  # of all blocks together
MOST_NODES: Final = 50_000
_WRAPPING: Final = re.compile(
    r"^\s*(?:<!--|//\s*<!\[CDATA\[|<!\[CDATA\[|/\*\s*<!\[CDATA\[\s*\*/)|(?:-->|//\s*\]\]>|\]\]>|/\*\s*\]\]>\s*\*/|;)\s*$"
)
_TRAILING_COMMA: Final = re.compile(r",(?=\s*[}\]])")
_COMMENT: Final = re.compile(r"/\*.*?\*/|^\s*//[^\n]*$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Node:
    """An object of the data and the names of the properties that lead to it from the top of its block."""

    value: dict[str, Any]
    path: tuple[str, ...]

    @property
    def types(self) -> frozenset[str]:
        """Its types without the vocabulary's address."""
        return frozenset(re.split(r"[/#]", str(name))[-1] for name in as_list(self.value.get("@type")))


def nodes_of(soup: BeautifulSoup) -> list[Node]:
    """All objects of the page's JSON-LD, in page order, references to other objects of the page followed. Never raises."""
    blocks: list[Any] = []
    room = MOST_CHARACTERS
    for script in soup.find_all("script", type=re.compile(r"^\s*application/ld\+json", re.IGNORECASE), limit=MOST_BLOCKS):
        text = script.get_text()
        room -= len(text)
        if room < 0:
            break
        blocks += values_in(text)
    nodes = list(_walk(blocks))
    by_id = {str(node.value["@id"]): node.value for node in nodes if "@id" in node.value and len(node.value) > 1}
    return [Node(_resolved(node.value, by_id), node.path) for node in nodes]


def values_in(text: str) -> list[Any]:
    """The JSON values in one block, as far as they can be read; an empty list where none can."""
    text = text.strip().lstrip("\ufeff")
    for _ in range(2):
        text = _WRAPPING.sub("", text).strip()
    for attempt in (text, _TRAILING_COMMA.sub("", _COMMENT.sub("", text)), html.unescape(text)):
        found = _decoded(attempt)
        if found:
            return found
    return []


def as_list(value: Any) -> list[Any]:
    """A value that may stand alone or in a list, as a list; nothing for null."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _decoded(text: str) -> list[Any]:
    decoder = json.JSONDecoder(strict=False)
    found: list[Any] = []
    at = 0
    while at < len(text):
        try:
            value, end = decoder.raw_decode(text, at)
        except (ValueError, RecursionError):
            break
        found.append(value)
        at = end
        while at < len(text) and text[at] in " \t\r\n,;":
            at += 1
    return found


def _walk(blocks: list[Any]) -> Iterator[Node]:
    """Every object, parents before children, without recursion, as many as MOST_NODES values are looked at."""
    waiting: list[tuple[Any, tuple[str, ...]]] = [(block, ()) for block in reversed(blocks)]
    seen = 0
    while waiting and seen < MOST_NODES:
        value, path = waiting.pop()
        seen += 1
        if isinstance(value, dict):
            yield Node(value, path)
            children = [(child, (*path, str(name))) for name, child in value.items() if isinstance(child, dict | list)]
        elif isinstance(value, list):
            children = [(child, path) for child in value if isinstance(child, dict | list)]
        else:
            continue
        if len(path) < 20:
            waiting += reversed(children)


def _resolved(value: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """An object with the references in its own properties replaced by what they refer to."""
    return {name: _followed(child, by_id) for name, child in value.items()}


def _followed(child: Any, by_id: dict[str, dict[str, Any]]) -> Any:
    if isinstance(child, list):
        return [_followed(one, by_id) if isinstance(one, dict) else one for one in child]
    if isinstance(child, dict) and len(child) <= 2 and "@id" in child:
        return by_id.get(str(child["@id"]), child)
    return child
