"""The owner's rules on what is recommended with what, applied alike in pages, the API and the widget."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import reduce
from operator import or_
from typing import Final

from django.db import DatabaseError
from django.db.models import Q

from catalog.owner.models import Rule
from catalog.products import Product

# Each web process reads the rules again after this long, so that all follow a change made in one of them.
SECONDS_KEPT: Final = 5.0


@dataclass(frozen=True, slots=True)
class RulesBeside:
    """The rules that hold beside one item, or beside a photo or a list (item None)."""

    item: Product | None
    rules: tuple[Rule, ...]

    def _of(self, kind: str) -> Iterator[Rule]:
        return (rule for rule in self.rules if rule.kind == kind)

    def excluded(self) -> Q | None:
        """What must not be recommended, as a query on `catalog.models.Item`; None for nothing."""
        parts = []
        for rule in self._of(Rule.Kind.NEVER):
            if rule.then_field == Rule.Field.PRICE_ABOVE:
                parts.append(Q(price__gt=Decimal(rule.then_value)))
            else:
                parts.append(Q(**{f"{rule.then_field}__iexact": rule.then_value}))
        parts += [~Q(**{f"{rule.then_field}__iexact": value}) for rule, value in self._within()]
        return reduce(or_, parts) if parts else None

    def allows(self, other: Product) -> bool:
        """Whether `other` may be recommended: the same as `excluded`, of a product at hand."""
        if not self.rules:
            return True
        if any(_matches(rule.then_field, rule.then_value, other) for rule in self._of(Rule.Kind.NEVER)):
            return False
        return all(value.casefold() == getattr(other, rule.then_field).casefold() for rule, value in self._within())

    def _within(self) -> Iterator[tuple[Rule, str]]:
        """Rules of "the same", each with the item's own value; those without one say nothing."""
        if self.item is not None:
            for rule in self._of(Rule.Kind.WITHIN):
                if value := getattr(self.item, rule.then_field):
                    yield rule, value

    def pinned(self) -> list[str]:
        """ItemIDs that stand first, in the rules' order."""
        own = "" if self.item is None else self.item.item_id
        names = dict.fromkeys(rule.then_value for rule in self._of(Rule.Kind.PIN))
        return [name for name in names if name != own]

    @property
    def in_stock_first(self) -> bool:
        """Whether what is known to be in stock comes before the rest."""
        return any(True for _rule in self._of(Rule.Kind.BOOST))


@dataclass(frozen=True, slots=True)
class RuleSet:
    """The rules in force."""

    rules: tuple[Rule, ...] = ()

    def beside(self, item: Product | None) -> RulesBeside:
        """Those that hold beside an item; beside a photo or a list, those for any item."""
        return RulesBeside(item, tuple(rule for rule in self.rules if _matches(rule.if_field, rule.if_value, item)))


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
