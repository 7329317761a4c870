"""A page that stands for a shop's own, with the widget on it."""

import random

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalog.browse.random_items import random_item_id
from catalog.cards import preview_url
from catalog.errors import UnknownItemError
from catalog.index_store import get_index
from catalog.item_lookup import require_vector
from catalog.products import fetch, price_text


@require_safe
@never_cache
def widget_demo(request: HttpRequest) -> HttpResponse:
    """The widget for `?item=ID`, else for a random item; 404 for an item without a vector."""
    index = get_index()
    item_id = request.GET.get("item") or random_item_id(index, random.SystemRandom())
    if item_id is None:
        raise Http404("The index is empty.")
    require_vector(index, item_id)
    product = fetch([item_id])[item_id]
    if product.hidden:
        raise UnknownItemError(item_id)
    # Not static(): that address changes with the file, and a shop's page would go on asking for the old one.
    script = request.build_absolute_uri(f"{settings.STATIC_URL}widget.js")
    context = {
        "product": product,
        "price": price_text(product.price, product.currency),
        "picture": preview_url(item_id, index, 640),
        "snippet": f'<script async src="{script}"\n        data-item="{item_id}"></script>',
    }
    return render(request, "widget/demo.html", context)
