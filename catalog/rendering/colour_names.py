"""The palette's names as people read them, and a dot of each colour."""

from collections.abc import Iterable, Mapping
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

NAMES: Final[Mapping[str, Promise]] = {
    "black": _("black"),
    "grey": _("grey"),
    "white": _("white"),
    "beige": _("beige"),
    "brown": _("brown"),
    "red": _("red"),
    "orange": _("orange"),
    "yellow": _("yellow"),
    "green": _("green"),
    "turquoise": _("turquoise"),
    "blue": _("blue"),
    "navy": _("navy"),
    "purple": _("purple"),
    "pink": _("pink"),
}


def colour_name(name: str) -> Promise | str:
    """The name in the reader's language; an unknown one as it is."""
    return NAMES.get(name, name)


def colour_choices(counted: Iterable[tuple[str, int]]) -> list[tuple[str, Promise | str, int]]:
    """(value, name to read, count) in the palette's order."""
    order = {name: place for place, name in enumerate(NAMES)}
    return [(name, colour_name(name), count) for name, count in sorted(counted, key=lambda pair: order.get(pair[0], 99))]
