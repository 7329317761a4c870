"""An item's neighbours before and after the rules."""

from dataclasses import dataclass
from typing import Any, Final

from django.contrib import admin
from django.http import HttpRequest
from django.template.response import TemplateResponse

from catalog.browse.search_text import words
from catalog.cards import preview_url
from catalog.index_store import get_index
from catalog.models import Item
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
    """`?item=<ItemID or words of a title>`: its first twelve neighbours without and with the rules in force; of several items
    with these words, those to choose from."""
    asked = request.GET.get("item", "").strip()
    context: dict[str, Any] = {**admin.site.each_context(request), "title": "", "asked": asked, "problem": ""}
    try:
        index = get_index()
    except IndexFileError as error:
        context["problem"] = str(error)
        return TemplateResponse(request, "admin/owner/rule_preview.html", context)
    named = [asked] if asked in index.rows else _named(asked, index)
    if len(named) == 1:
        item_id = named[0]
        before = _products(near_items(index, item_id, METRIC, SHOWN, rules=RuleSet()))
        after = _products(near_items(index, item_id, METRIC, SHOWN))
        context |= {"item": fetch([item_id])[item_id], "picture": preview_url(item_id, index, 160)}
        context |= {"before": _rows(before, after, index), "after": _rows(after, before, index)}
    else:
        context["choices"] = [(product, preview_url(product.item_id, index, 160)) for product in fetch(named).values()]
    return TemplateResponse(request, "admin/owner/rule_preview.html", context)


def _named(asked: str, index: Index) -> list[str]:
    """ItemIDs of the index, at most SHOWN, whose title, brand, category or id has all these words."""
    items = Item.objects.all()
    for word in words(asked):
        items = items.filter(search_text__contains=word)
    ids = items.values_list("pk", flat=True).order_by("title", "pk")[: 4 * SHOWN] if asked else []
    return [item_id for item_id in ids if item_id in index.rows][:SHOWN]


def _products(near: NearItems) -> list[Product]:
    return [item.product for item in near.items]


def _rows(products: list[Product], others: list[Product], index: Index) -> list[PreviewRow]:
    there = {product.item_id for product in others[:SHOWN]}
    return [
        PreviewRow(product.item_id, product.name, preview_url(product.item_id, index, 160), product.item_id not in there)
        for product in products[:SHOWN]
    ]
