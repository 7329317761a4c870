"""A page that stands for a shop's own, with the widget on it."""

import random

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalog.browse.random_items import random_item_id
from catalog.cards import preview_url
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
    script = request.build_absolute_uri(static("widget.js"))
    context = {
        "product": product,
        "price": price_text(product.price, product.currency),
        "picture": preview_url(item_id, index, 640),
        "snippet": f'<script async src="{script}"\n        data-item="{item_id}"></script>',
    }
    return render(request, "widget/demo.html", context)
