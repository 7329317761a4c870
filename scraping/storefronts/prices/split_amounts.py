"""The text of an element that shows a price, with amounts that are split over several elements put together."""

import re
from collections.abc import Callable
from typing import Final

from bs4 import Comment, Tag

_CENTS: Final = re.compile(
    r"(?:^|[-_])(?:cents?|decimals?|fractions?|fractional|minor|centimes|kop(?:ecks)?|sup)(?:[-_]|$)", re.IGNORECASE
)
_NOT_SHOWN: Final = frozenset({"script", "style", "template", "noscript"})
_INLINE: Final = frozenset(
    ["a", "abbr", "b", "bdi", "bdo", "data", "em", "font", "i", "ins", "mark", "small", "span", "strong", "sub", "sup", "u"]
)


def price_text(tag: Tag, skip: Callable[[Tag], bool] = lambda _: False) -> str:
    """The text of `tag` without the elements that `skip` names, single-spaced, for `prices.parse_price`.

    Inline elements that touch each other stay together (`<b>12</b>,<b>99</b>` is "12,99"), two digits that are cents by tag
    or class get their separator (`<b>12</b> <sup>99</sup>` is "12.99"), blocks are kept apart by a space.
    """
    text, skipped, last_block = "", set[int](), tag
    for node in tag.descendants:
        if isinstance(node, Tag):
            if id(node.parent) in skipped or node.name in _NOT_SHOWN or skip(node):
                skipped.add(id(node))
            elif node.name == "br":
                text += " "
            continue
        holder = node.parent
        if not isinstance(holder, Tag) or id(holder) in skipped or isinstance(node, Comment):
            continue
        piece, block = str(node), _block(holder, tag)
        if block is not last_block:
            text += " "
        last_block = block
        if re.fullmatch(r"\s*\d\d\s*", piece) and holder is not tag and _is_cents(holder) and re.search(r"\d\s*$", text):
            text = f"{text.rstrip()}.{piece.strip()}"
        else:
            text += piece
    return " ".join(text.split())


def _block(holder: Tag, root: Tag) -> Tag:
    """The nearest element around a string that is no inline one, at most `root`."""
    while holder is not root and holder.name in _INLINE and holder.parent is not None:
        holder = holder.parent
    return holder


def _is_cents(tag: Tag) -> bool:
    return tag.name == "sup" or any(_CENTS.search(str(name)) for name in tag.get_attribute_list("class", []) or [] if name)
