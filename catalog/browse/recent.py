"""What a browser remembers of the items that its person looked at: the pictures of the ids it sends, nothing kept here."""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalog.browse.listing import index_or_none
from catalog.cards import make_card
from catalog.models import is_item_id
from catalog.products import Product, fetch
from indexing.index.record import Index

MOST: Final = 12


@require_safe
@never_cache
def recent(request: HttpRequest) -> HttpResponse:
    """A strip of the items of `ids=1,2,3` as a piece of HTML; at most 12, without what is gone, hidden or not known."""
    index = index_or_none()
    cards = [make_card(product, index) for product in still_shown(request.GET.get("ids", "").split(","), index)]
    response = render(request, "browse/recent.html", {"cards": cards})
    response["X-Robots-Tag"] = "noindex"
    return response


def still_shown(item_ids: list[str], index: Index | None) -> list[Product]:
    """The first 12 of these that visitors may see, in this order. What is out of stock may still be looked at."""
    asked = [item_id for item_id in dict.fromkeys(item_ids) if is_item_id(item_id)][:MOST]
    found = fetch(asked).values()
    known = [product for product in found if product != Product(product.item_id) or (index and product.item_id in index.rows)]
    return [product for product in known if product.recommendable("any")]
