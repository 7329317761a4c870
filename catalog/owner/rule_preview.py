"""An item's neighbours before and after the rules."""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse

from catalog.cards import preview_url
from catalog.index_store import get_index
from catalog.owner.rules import RuleSet, get_rules
from catalog.products import Product, fetch
from catalog.similar.ranking import nearest
from indexing.errors import IndexFileError
from indexing.index.record import NEIGHBOURS_KEPT, Index

SHOWN: Final = 12
METRIC: Final = "cosine"


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One neighbour; changed: it is on one side only."""

    item_id: str
    name: str
    picture: str
    changed: bool


def rule_preview(request: HttpRequest) -> TemplateResponse:
    """`?item=<ItemID>`: its first twelve neighbours without and with the rules in force."""
    item_id = request.GET.get("item", "").strip()
    context: dict[str, Any] = {**admin.site.each_context(request), "title": "", "item_id": item_id, "problem": ""}
    try:
        index = get_index()
    except IndexFileError as error:
        context["problem"] = str(error)
        return TemplateResponse(request, "admin/owner/rule_preview.html", context)
    if item_id in index.rows:
        products = _neighbours(index, item_id)
        item = products.pop(item_id)
        before = [product for product in products.values() if product.recommendable()]
        after = with_rules(get_rules(), item, before)
        context |= {"item": item, "picture": preview_url(item_id, index, 160)}
        context |= {"before": _rows(before, after, index), "after": _rows(after, before, index)}
    return TemplateResponse(request, "admin/owner/rule_preview.html", context)


def with_rules(rules: RuleSet, item: Product, others: list[Product]) -> list[Product]:
    """`others`, nearest first, as the rules have them: pinned first, what is forbidden left out."""
    pinned = [product for product in fetch(rules.pinned(item)).values() if product.recommendable()]
    names = {product.item_id for product in pinned}
    allowed = [other for other in others if other.item_id not in names and rules.allows(item, other)]
    return [*pinned, *rules.ordered(item, allowed)]


def _neighbours(index: Index, item_id: str) -> dict[str, Product]:
    hits = nearest(index, index.rows[item_id], METRIC, NEIGHBOURS_KEPT)
    return fetch([item_id, *(index.item_ids[row] for row, _distance in hits)])


def _rows(products: list[Product], others: list[Product], index: Index) -> list[PreviewRow]:
    there = {product.item_id for product in others[:SHOWN]}
    return [
        PreviewRow(product.item_id, product.name, preview_url(product.item_id, index, 160), product.item_id not in there)
        for product in products[:SHOWN]
    ]
