"""Whole pages from templates drawn once (catalog/stencils.py), with the visitor's own parts put in for each answer."""

from collections.abc import Mapping

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.utils.safestring import SafeString

from catalog.context import read_site, visitor
from catalog.stencils import Pen


def page(
    request: HttpRequest, pen: Pen, template: str, values: Mapping[str, str], html: Mapping[str, str], **frozen: object
) -> HttpResponse:
    """`render(request, template, …)` with all three, fast. See `Pen.fill` for what they may be."""
    if get_messages(request):
        # They are shown once, to one visitor: such a page is rendered in the ordinary way.
        safe = {name: SafeString(text) for name, text in html.items()}
        return render(request, template, {**frozen, **values, **safe})
    own = visitor(request)
    place = own.pop("place")
    mine = {**values, **own, "csrf_token": get_token(request)}
    return HttpResponse(pen.fill(template, mine, html, place=place, site=read_site(), **frozen))
