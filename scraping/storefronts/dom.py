"""Small questions to elements that several readers of cards ask."""

import re
from collections.abc import Iterator
from typing import Final

from bs4 import Tag
from bs4.element import Comment, NavigableString

HEADINGS: Final = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_WORD: Final = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_UNSEEN: Final = re.compile(r"sr-only|visually-?hidden|screen-?reader|a11y-hidden|hidden-visually", re.IGNORECASE)
_NOT_TEXT: Final = frozenset({"script", "style", "template", "noscript", "svg"})
_NO_DISPLAY: Final = re.compile(r"display\s*:\s*none", re.IGNORECASE)


def text_of(element: Tag) -> str:
    """All the text in an element, white space drawn together; scripts and styles left out."""
    return " ".join(" ".join(strings_of(element)).split())


def strings_of(element: Tag) -> Iterator[str]:
    """The text nodes of an element that are shown."""
    for string in element.descendants:
        if isinstance(string, NavigableString) and not isinstance(string, Comment):
            parent = string.parent
            if parent is None or parent.name not in _NOT_TEXT:
                yield str(string)


def visible_text(element: Tag) -> str:
    """The text without the parts that only screen readers meet."""
    unseen = {id(part) for part in element.find_all(True) if is_unseen(part)}
    if not unseen:
        return text_of(element)
    pieces = []
    for string in element.descendants:
        if not isinstance(string, NavigableString) or isinstance(string, Comment):
            continue
        parents = []
        for parent in string.parents:
            if parent is element:
                break
            parents.append(parent)
        if not any(id(parent) in unseen or parent.name in _NOT_TEXT for parent in parents):
            pieces.append(str(string))
    return " ".join(" ".join(pieces).split())


def is_unseen(element: Tag) -> bool:
    """Whether an element is meant for screen readers only, by the names that frameworks give such classes."""
    return any(_UNSEEN.search(name) for name in classes_of(element))


def is_hidden(element: Tag) -> bool:
    """Whether the element itself says that it is not displayed."""
    return element.has_attr("hidden") or _NO_DISPLAY.search(str(element.get("style") or "")) is not None


def classes_of(element: Tag) -> list[str]:
    """The element's classes."""
    return [str(name) for name in element.get_attribute_list("class", []) or [] if name]


def words_of(element: Tag) -> set[str]:
    """The lower-case words that the element's classes and id are made of: "productCard__sold-out" gives four."""
    named = [*classes_of(element), str(element.get("id") or "")]
    return {word.lower() for name in named for word in _WORD.findall(name)}


def parents_within(element: Tag, top: Tag) -> Iterator[Tag]:
    """The element itself and its parents, up to but without `top`."""
    at: Tag | None = element
    while at is not None and at is not top:
        yield at
        at = at.parent
