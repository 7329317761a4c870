"""Templates drawn once with holes where the values go, then filled: the same HTML as rendering, at the price of joining it.

Nothing that is read from the catalogue, the request or the visitor is ever kept: what is kept is the template's own text.
"""

import re
import secrets
from collections.abc import Mapping
from functools import lru_cache
from html import escape as _escape
from typing import Final

from django.conf import settings
from django.template.loader import get_template
from django.urls import get_script_prefix
from django.utils.translation import get_language

# Enough for every form of the card, the lanes and the item's page in both languages, at most some 20 KB each.
KEPT: Final = 256
# Letters and digits pass unchanged through escaping and quoting; nobody outside this process can write such a name.
_SECRET: Final = secrets.token_hex(8)

_NOTHING: Final[Mapping[str, str]] = {}
Frozen = tuple[tuple[str, object], ...]


# Prices, addresses and titles stand on a page several times.
escape: Final = lru_cache(maxsize=4096)(_escape)


class Pen:
    """Fills templates in the language and below the address prefix that are in force when it is made: one for each answer."""

    def __init__(self) -> None:
        self._here = (get_language(), get_script_prefix())
        self._draw = _draw_anew if settings.DEBUG else _draw

    def fill(self, template: str, values: Mapping[str, str], html: Mapping[str, str] = _NOTHING, **frozen: object) -> str:
        """The HTML that rendering `template` with all three gives; drawn once for each `frozen` and choice of empty values.

        frozen: hashable, few: what decides the page's form. The template may do with it as it likes.
        values: text that differs on every page. The template may show it and ask whether it is empty; it must not filter,
        compare or count it: while it is drawn a hole stands in its place.
        html: the same, of what is HTML already and is not escaped. (Plain strings: to make a SafeString copies a whole page.)
        """
        given = (*filter(values.get, values), *filter(html.get, html))
        pieces, names = self._draw(template, self._here, tuple(frozen.items()), given)
        texts = {name: html[name] if name in html else escape(values[name]) for name in given}
        page = pieces.copy()
        page[1::2] = [texts[name] for name in names]
        return "".join(page)


def _draw_anew(
    template: str, _here: tuple[str | None, str], frozen: Frozen, given: tuple[str, ...]
) -> tuple[list[str], list[str]]:
    """The template's text cut at its holes, each still in its place (1, 3, 5, …); and whose holes they are, in order."""
    # Without a request: nothing of a visitor can get into what is kept.
    holes = {name: f"hole{_SECRET}{number}x" for number, name in enumerate(given)}
    pieces = re.split(rf"hole{_SECRET}(\d+)x", get_template(template).render({**dict(frozen), **holes}))
    return pieces, [given[int(number)] for number in pieces[1::2]]


_draw = lru_cache(maxsize=KEPT)(_draw_anew)
