"""A rule as a plain sentence: "Never show Cats beside Dogs."."""

from typing import Final

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

# By the field that chooses the items. Whole phrases: other languages decline what stands in them.
_NEVER: Final[dict[str, Promise]] = {
    "category": _("never show %(name)s"),
    "brand": _("never show items of the brand %(name)s"),
    "item_id": _("never show the item %(name)s"),
    "price_above": _("never show what costs more than %(name)s"),
}
_BESIDE: Final[dict[str, Promise]] = {
    "category": _("beside %(name)s"),
    "brand": _("beside items of the brand %(name)s"),
    "item_id": _("beside the item %(name)s"),
}
_SAME: Final[dict[str, Promise]] = {
    "category": _("show only items of the same category"),
    "brand": _("show only items of the same brand"),
}


def rule_sentence(kind: str, items: tuple[str, str], beside_items: tuple[str, str]) -> str:
    """What a rule does, in the reader's language. A rule that is half filled in gives half a sentence.

    kind: of `Rule.Kind`; items, beside_items: the field that chooses them and its value, ("category", "Dogs").
    """
    (field, name), (if_field, if_name) = items, beside_items
    beside = str(_BESIDE.get(if_field, "")) % {"name": if_name}
    match kind:
        case "never":
            text = str(_NEVER.get(field, ""))
        case "pin":
            text = gettext("show the item %(name)s first")
        case "within":
            text = str(_SAME.get(field, ""))
        case _:
            text = gettext("show first what is in stock")
    clause = text % {"name": name}
    return f"{capfirst(f'{clause} {beside}'.strip())}."
