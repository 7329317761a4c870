"""Templates drawn once with holes where the values go, then filled: the same HTML as rendering, at the price of joining it.

Nothing that is read from the catalogue, the request or the visitor is ever kept: what is kept is the template's own text.
"""

import secrets
from collections.abc import Mapping
from functools import lru_cache
from html import escape
from typing import Final

from django.conf import settings
from django.template.loader import get_template
from django.urls import get_script_prefix
from django.utils.safestring import SafeString
from django.utils.translation import get_language

# Enough for every form of the card, the lanes and the item's page in both languages, at most some 20 KB each.
KEPT: Final = 256
# Letters and digits pass unchanged through escaping and quoting; nobody outside this process can write such a name.
_SECRET: Final = secrets.token_hex(8)

Frozen = tuple[tuple[str, object], ...]


class Pen:
    """Fills templates in the language and below the address prefix that are in force when it is made: one for each answer."""

    def __init__(self) -> None:
        self._here = (get_language(), get_script_prefix())
        self._draw = _draw_anew if settings.DEBUG else _draw

    def fill(self, template: str, values: Mapping[str, str], **frozen: object) -> SafeString:
        """What rendering `template` with both gives. It is drawn once for each `frozen` and each choice of empty `values`.

        frozen: hashable, few: what decides the page's form. The template may do with it as it likes.
        values: text that differs on every page. The template may show it and ask whether it is empty; it must not filter,
        compare or count it: while it is drawn a hole stands in its place. SafeString is HTML, all else is escaped.
        """
        pattern = self._draw(template, self._here, tuple(frozen.items()), tuple(filter(values.get, values)))
        return SafeString(
            pattern % {name: text if type(text) is SafeString else escape(text) for name, text in values.items()}
        )


def _draw_anew(template: str, _here: tuple[str | None, str], frozen: Frozen, given: tuple[str, ...]) -> str:
    """The template's text as a pattern for `%`, a `%(name)s` for each name in `given`."""
    holes = {name: f"hole{_SECRET}{number}x" for number, name in enumerate(given)}
    # Without a request: nothing of a visitor can get into what is kept.
    pattern = get_template(template).render({**dict(frozen), **holes}).replace("%", "%%")
    for name, hole in holes.items():
        pattern = pattern.replace(hole, f"%({name})s")
    return pattern


_draw = lru_cache(maxsize=KEPT)(_draw_anew)
