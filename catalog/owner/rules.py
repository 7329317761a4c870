"""The owner's rules on what is recommended with what, applied alike in pages, the API and the widget."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from django.db import DatabaseError
from django.db.models import Q

from catalog.owner.models import Rule
from catalog.products import Product

# Each web process reads the rules again after this long, so that all follow a change made in one of them.
SECONDS_KEPT: Final = 5.0


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules in force."""

    rules: tuple[Rule, ...] = ()

    def _beside(self, item: Product | None, kind: str) -> Iterable[Rule]:
        return (rule for rule in self.rules if rule.kind == kind and _matches(rule.if_field, rule.if_value, item))

    def excluded(self, item: Product | None) -> Q:
        """What must not be recommended beside `item` (None: a photo or a list), as a query on `catalog.models.Item`."""
        excluded = Q(pk__in=[])
        for rule in self._beside(item, Rule.Kind.NEVER):
            if rule.then_field == Rule.Field.PRICE_ABOVE:
                excluded |= Q(price__gt=Decimal(rule.then_value))
            else:
                excluded |= Q(**{f"{rule.then_field}__iexact": rule.then_value})
        if item is not None:
            for rule in self._beside(item, Rule.Kind.WITHIN):
                if value := getattr(item, rule.then_field):
                    excluded |= ~Q(**{f"{rule.then_field}__iexact": value})
        return excluded

    def allows(self, item: Product | None, other: Product) -> bool:
        """Whether `other` may be recommended beside `item`: the same as `excluded`, of a product at hand."""
        for rule in self._beside(item, Rule.Kind.NEVER):
            if _matches(rule.then_field, rule.then_value, other):
                return False
        if item is not None:
            for rule in self._beside(item, Rule.Kind.WITHIN):
                value = getattr(item, rule.then_field)
                if value and value.casefold() != getattr(other, rule.then_field).casefold():
                    return False
        return True

    def pinned(self, item: Product | None) -> list[str]:
        """ItemIDs that stand first beside `item`, in the rules' order."""
        names = [rule.then_value for rule in self._beside(item, Rule.Kind.PIN)]
        return [name for name in dict.fromkeys(names) if item is None or name != item.item_id]

    def ordered(self, item: Product | None, others: Sequence[Product]) -> list[Product]:
        """`others`, nearest first, with those known to be in stock before the rest where a rule asks for it."""
        if any(True for _rule in self._beside(item, Rule.Kind.BOOST)):
            return sorted(others, key=lambda other: other.in_stock is not True)
        return list(others)


def _matches(field: str, value: str, product: Product | None) -> bool:
    if not field:
        return True
    if product is None:
        return False
    if field == Rule.Field.PRICE_ABOVE:
        return product.price is not None and product.price > Decimal(value)
    return str(getattr(product, field)).casefold() == value.casefold()


_kept: tuple[float, RuleSet] | None = None


def get_rules() -> RuleSet:
    """The rules in force, at most some seconds old; none while the database does not answer."""
    global _kept
    now = time.monotonic()
    if _kept is None or now >= _kept[0]:
        try:
            rules = RuleSet(tuple(Rule.objects.filter(active=True).order_by("id")))
        except DatabaseError:
            rules = _kept[1] if _kept else RuleSet()
        _kept = (now + SECONDS_KEPT, rules)
    return _kept[1]


def forget_rules() -> None:
    """Read the rules again at the next question."""
    global _kept
    _kept = None
