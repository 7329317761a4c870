"""Like, dislike, and what follows from them."""

import random
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from catalog.browse.facets import read_facets
from catalog.browse.filters import BadFilterError
from catalog.browse.listing import index_or_none
from catalog.cards import ProductCard, make_card, shared_picture
from catalog.errors import BadParameterError
from catalog.index_store import get_loaded
from catalog.item_lookup import require_item
from catalog.products import fetch
from catalog.rendering.colour_names import colour_choices
from catalog.rendering.error_pages import wants_json
from catalog.similar.narrowing import EVERYTHING, Narrowing, parse_narrowing
from catalog.taste.favourites import DEFAULT_ORDER, ORDERS, favourites_csv, ordered
from catalog.taste.likes import Taste, Verdict, parse
from catalog.taste.recommend import MOST, PAGE, recommendation, starters
from catalog.taste.session import read_taste, write_taste
from indexing.index.record import Index

VERDICTS: Final[tuple[Verdict, ...]] = ("like", "dislike")


@require_safe
@never_cache
def taste(request: HttpRequest) -> HttpResponse:
    """What goes with the visitor's taste, or with the one that the address names; that one is shown, not taken over."""
    loaded = get_loaded()
    own = read_taste(request)
    shared, shown = _shown(request, own)
    count, order = _count(request.GET.get("show", "")), _order(request.GET.get("order", ""))
    problem = ""
    try:
        narrowing = parse_narrowing(request.GET)
    except BadFilterError as error:
        narrowing, problem = EVERYTHING, str(error)
    result = recommendation(loaded, shown, count, hidden=own.item_ids, narrowing=narrowing)
    starting_items = []
    if not result.groups and not narrowing.active:
        starting_items = starters(loaded.index, random.SystemRandom(), own.item_ids | shown.item_ids)
    facets = read_facets()
    address = f"{reverse('catalog:taste')}?{shown.query_string()}"
    context = {
        "mine": shown,
        "shared": shared,
        "own_count": len(own),
        "liked": _cards(shown.liked, loaded.index, order),
        "disliked": _cards(shown.disliked, loaded.index),
        "orders": [(key, name, _query(shared, shown, key)) for key, name in ORDERS.items()],
        "order": order,
        "export": f"{reverse('catalog:favourites_csv')}?{_query(shared, shown, order)}".rstrip("?"),
        "shared_picture": shared_picture(request, shown.liked[0], loaded.index) if shown.liked else "",
        "cards": [make_card(group[0], loaded.index) for group in result.groups],
        "narrowing": narrowing,
        "problem": problem,
        "facets": facets,
        "colours": colour_choices(facets.colours),
        "kept": _query(shared, shown, order),
        "starters": [make_card(product, loaded.index) for product in starting_items],
        "incomparable": result.incomparable,
        "more": _more(_query(shared, shown, order), narrowing, count) if result.more and count < MOST else "",
        "address": request.build_absolute_uri(address) if shown.judged else "",
        "adopt": shown.query_string(),
    }
    return render(request, "taste/page.html", context, status=400 if problem else 200)


@require_safe
@never_cache
def export(request: HttpRequest) -> HttpResponse:
    """The favourites, or those that the address names, as a CSV file in the order that is asked for."""
    _shared, shown = _shown(request, read_taste(request))
    products = ordered(list(fetch(shown.liked).values()), _order(request.GET.get("order", "")))
    text = favourites_csv(products, lambda item_id: request.build_absolute_uri(reverse("catalog:item", args=[item_id])))
    # With the mark that tells spreadsheets the encoding.
    response = HttpResponse(text.encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="favourites.csv"'
    return response


@require_POST
@never_cache
def judge(request: HttpRequest) -> HttpResponse:
    """`like`, `dislike` or `forget` an item, `undo`, `clear`, or `adopt` an address's taste; then back to `next`.

    A program that accepts JSON gets the new taste instead of a redirect.
    """
    asked = [name for name in (*VERDICTS, "forget", "undo", "clear", "adopt") if name in request.POST]
    if len(asked) != 1:
        raise BadParameterError("Send one of like, dislike, forget, undo, clear, adopt.")
    before, value = read_taste(request), request.POST[asked[0]]
    if asked[0] in VERDICTS:  # nobody fills their cookie with what is not there
        require_item(index_or_none(), value)
    dropped = write_taste(request, _after(before, asked[0], value))
    message = _dropped_message(dropped)
    if wants_json(request):
        return JsonResponse({**_state(read_taste(request)), "message": message})
    if message:
        messages.info(request, message)
    return HttpResponseRedirect(_return_url(request))


@require_safe
@never_cache
def state(request: HttpRequest) -> JsonResponse:
    """The visitor's taste: for a page that the browser brought back from its memory."""
    return JsonResponse({**_state(read_taste(request)), "message": ""})


def _after(before: Taste, action: str, value: str) -> Taste:
    match action:
        case "like" | "dislike":
            return before.judge(value, action)
        case "forget":
            return before.forget(value)
        case "undo":
            return before.undo()
        case "adopt":
            query = QueryDict(value)
            return parse(query.get("like", ""), query.get("dislike", ""))
        case _:
            return Taste()


def _state(own: Taste) -> dict[str, object]:
    return {"liked": list(own.liked), "disliked": list(own.disliked)}


def _dropped_message(dropped: int) -> str:
    if not dropped:
        return ""
    return ngettext(
        "Your taste is as long as it can be: the oldest judgement was dropped.",
        "Your taste is as long as it can be: the %(dropped)d oldest judgements were dropped.",
        dropped,
    ) % {"dropped": dropped}


def _return_url(request: HttpRequest) -> str:
    asked = request.POST.get("next", "")
    is_local = url_has_allowed_host_and_scheme(asked, {request.get_host()}, require_https=request.is_secure())
    return asked if is_local else reverse("catalog:taste")


def _count(text: str) -> int:
    """How many to show: a whole number of pages, one where the address gives none."""
    asked = int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else PAGE
    return min(max(asked, PAGE), MOST)


def _shown(request: HttpRequest, own: Taste) -> tuple[bool, Taste]:
    """Whether the address names a taste; that one, else the visitor's own."""
    shared = "like" in request.GET or "dislike" in request.GET
    return shared, parse(request.GET.get("like", ""), request.GET.get("dislike", "")) if shared else own


def _order(text: str) -> str:
    return text if text in ORDERS else DEFAULT_ORDER


def _query(shared: bool, shown: Taste, order: str) -> str:
    """What stays in the address of every link on the page: somebody's favourites, and the order."""
    parts = [shown.query_string() if shared else "", f"order={order}" if order != DEFAULT_ORDER else ""]
    return "&".join(part for part in parts if part)


def _more(kept: str, narrowing: Narrowing, count: int) -> str:
    """The query string of the same page with more on it."""
    parts = [kept, narrowing.query_string(), f"show={min(count + PAGE, MOST)}"]
    return "&".join(part for part in parts if part)


def _cards(item_ids: tuple[str, ...], index: Index, order: str = DEFAULT_ORDER) -> list[ProductCard]:
    return [make_card(product, index) for product in ordered(list(fetch(item_ids).values()), order)]
