"""The catalogue as a grid: search, filters, pages."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.browse.facets import read_facets
from catalog.browse.filters import BadFilterError, Filters, parse_filters
from catalog.browse.listing import find, index_or_none
from catalog.cards import make_card
from catalog.colour_names import colour_choices


@require_safe
def grid(request: HttpRequest) -> HttpResponse:
    """A page of the catalogue; works without an index, too. An unreadable filter is said and left out, with status 400."""
    problem = ""
    try:
        filters = parse_filters(request.GET)
    except BadFilterError as error:
        filters, problem = Filters(), str(error)
    index, facets = index_or_none(), read_facets()
    found = find(filters, facets, index)
    context = {
        "filters": filters,
        "problem": problem,
        "facets": facets,
        "colours": colour_choices(facets.colours),
        "cards": [make_card(product, index) for product in found.products],
        "previous": filters.query_string(after="", before=found.previous) if found.previous else "",
        "next": filters.query_string(before="", after=found.next) if found.next else "",
        "cleared": Filters(sort=filters.sort).query_string(),
    }
    return render(request, "browse/grid.html", context, status=400 if problem else 200)
