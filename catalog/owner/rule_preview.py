"""An item's neighbours before and after the rules."""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse

from catalog.cards import preview_url
from catalog.index_store import get_index
from catalog.owner.rules import RuleSet
from catalog.products import Product, fetch
from catalog.similar.neighbours import NearItems, near_items
from indexing.errors import IndexFileError
from indexing.index.record import Index

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
        before = _products(near_items(index, item_id, METRIC, SHOWN, rules=RuleSet()))
        after = _products(near_items(index, item_id, METRIC, SHOWN))
        context |= {"item": fetch([item_id])[item_id], "picture": preview_url(item_id, index, 160)}
        context |= {"before": _rows(before, after, index), "after": _rows(after, before, index)}
    return TemplateResponse(request, "admin/owner/rule_preview.html", context)


def _products(near: NearItems) -> list[Product]:
    return [item.product for item in near.items]


def _rows(products: list[Product], others: list[Product], index: Index) -> list[PreviewRow]:
    there = {product.item_id for product in others[:SHOWN]}
    return [
        PreviewRow(product.item_id, product.name, preview_url(product.item_id, index, 160), product.item_id not in there)
        for product in products[:SHOWN]
    ]
