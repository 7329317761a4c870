"""The catalogue as a grid, with search, filters and pages; and a random item."""

import random
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalog.browse.facets import read_facets
from catalog.browse.filters import BadFilterError, Filters, parse_filters
from catalog.browse.listing import grid_page, index_or_none
from catalog.browse.random_items import random_item_id
from catalog.browse.spelling import other_letters
from catalog.cards import make_card, shared_picture
from catalog.index_store import get_index
from catalog.rendering.colour_names import colour_choices
from catalog.similar.views import item_with_neighbours

SORT_NAMES: Final[Mapping[str, Promise]] = {
    "new": _("Newest first"),
    "price": _("Cheapest first"),
    "-price": _("Dearest first"),
    "id": _("By id"),
}


@require_safe
def grid(request: HttpRequest) -> HttpResponse:
    """A page of the catalogue; works without an index, too. An unreadable filter is said and left out, with status 400."""
    problem = ""
    try:
        filters = parse_filters(request.GET)
    except BadFilterError as error:
        filters, problem = Filters(), str(error)
    index, facets = index_or_none(), read_facets()
    found = grid_page(filters, facets, index)
    # What follows belongs to the words that were searched for.
    paged = replace(filters, query=found.meant) if found.meant else filters
    context = {
        "meant": found.meant,
        "offered": found.offered,
        "letters": other_letters(filters, facets) if filters.query and not found.products else [],
        "filters": filters,
        "problem": problem,
        "facets": facets,
        "colours": colour_choices(facets.colours),
        "sorts": SORT_NAMES,
        "cards": [make_card(product, index) for product in found.products],
        "shared_picture": shared_picture(request, found.products[0].item_id, index) if found.products else "",
        "previous": paged.query_string(after="", before=found.previous) if found.previous else "",
        "next": paged.query_string(before="", after=found.next) if found.next else "",
        "cleared": Filters(sort=filters.sort).query_string(),
    }
    return render(request, "browse/grid.html", context, status=400 if problem else 200)


@require_safe
@never_cache
def random_item(request: HttpRequest) -> HttpResponse:
    """A random item's page; an empty index says so."""
    index = get_index()
    item_id = random_item_id(index, random.SystemRandom())
    return render(request, "browse/empty.html") if item_id is None else item_with_neighbours(request, index, item_id)
