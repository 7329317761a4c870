"""Whole pages from templates drawn once (catalog/stencils.py), with the visitor's own parts put in for each answer."""

from collections.abc import Mapping

from django.contrib.messages import get_messages
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.shortcuts import render

from catalog.context import read_site, visitor
from catalog.stencils import Pen


def page(request: HttpRequest, pen: Pen, template: str, values: Mapping[str, str], **frozen: object) -> HttpResponse:
    """`render(request, template, {**frozen, **values})`, fast. See `Pen.fill` for what values and frozen may be."""
    if get_messages(request):
        # They are shown once, to one visitor: such a page is rendered in the ordinary way.
        return render(request, template, {**frozen, **values})
    own = visitor(request)
    place = own.pop("place")
    return HttpResponse(
        pen.fill(template, {**values, **own, "csrf_token": get_token(request)}, place=place, site=read_site(), **frozen)
    )
