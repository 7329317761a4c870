"""The page of a search by words, alone or with an item: more like it, or less."""

from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from catalog.browse.facets import read_facets
from catalog.cards import make_card
from catalog.errors import RENDERED
from catalog.index_store import Loaded, get_loaded
from catalog.products import fetch
from catalog.rendering.colour_names import colour_choices
from catalog.rendering.error_pages import error_response
from catalog.similar.narrowing import EVERYTHING, Narrowing, parse_narrowing
from catalog.similar.neighbours import NearItem, Products, choose
from catalog.similar.page import MOST, SHOWN
from catalog.similar.views import shown_count
from catalog.words.search import Wish, search_by_words
from catalog.words.vectors import read_words, reads_words

PAGE: Final = "words/page.html"


@require_safe
@never_cache
def words(request: HttpRequest) -> HttpResponse:
    """What the words describe. Without a text tower the catalogue's titles answer, as they did before."""
    loaded = get_loaded()
    wish = Wish(read_words(request.GET.get("q", "")), request.GET.get("item", "")[:64], request.GET.get("without", "")[:64])
    if not reads_words(loaded.index) or wish == Wish():
        query = urlencode({"q": wish.words}) if wish.words else ""
        return HttpResponseRedirect(f"{reverse('catalog:grid')}{'?' if query else ''}{query}")
    try:
        narrowing = parse_narrowing(request.GET)
        shown = shown_count(request.GET.get("shown", ""))
        items, more = near_wish(loaded, wish, narrowing, shown)
    except RENDERED as error:
        return error_response(request, error, PAGE, **_context(loaded, wish, EVERYTHING))
    context = _context(loaded, wish, narrowing)
    context["cards"] = [make_card(item.product, loaded.index) for item in items]
    if more and shown < MOST:
        context["more"] = f"{_query(context['kept'], narrowing)}&shown={min(shown + SHOWN, MOST)}"
    return render(request, PAGE, context)


def near_wish(loaded: Loaded, wish: Wish, narrowing: Narrowing, count: int) -> tuple[list[NearItem], bool]:
    """The `count` best of a wish that may be shown, and whether others follow. Raises as `search_by_words`."""
    hits = search_by_words(loaded, wish, narrowing)
    known: Products = {}
    for depth in (2 * count + 8, len(hits)):  # as a rule twice as many make up for variants and rules
        found = choose(loaded.index, hits[:depth], narrowing, known)
        if len(found) > count:
            break
    return found[:count], len(found) > count


def _context(loaded: Loaded, wish: Wish, narrowing: Narrowing) -> dict[str, Any]:
    facets = read_facets()
    fields = {"q": wish.words, "item": wish.item, "without": wish.without}
    named = {name: value for name, value in fields.items() if value}
    products = fetch(item_id for item_id in (wish.item, wish.without) if item_id in loaded.index.rows)
    return {
        "wish": wish,
        "with_card": make_card(products[wish.item], loaded.index) if wish.item in products else None,
        "without_card": make_card(products[wish.without], loaded.index) if wish.without in products else None,
        "kept": urlencode(named),
        "without_item": urlencode({name: value for name, value in named.items() if name != "item"}),
        "without_without": urlencode({name: value for name, value in named.items() if name != "without"}),
        "narrowing": narrowing,
        "facets": facets,
        "colours": colour_choices(facets.colours),
        "cards": [],
    }


def _query(kept: str, narrowing: Narrowing) -> str:
    return "&".join(part for part in (kept, narrowing.query_string()) if part)
