"""Cards and lanes in templates, with the visitor's taste on them."""

from typing import Final

from django import template
from django.http import HttpRequest
from django.template import Context
from django.utils.safestring import SafeString

from catalog.card_html import card_html, lane_html
from catalog.cards import Card
from catalog.similar.lanes import Lane
from catalog.stencils import Pen
from catalog.taste.likes import Taste
from catalog.taste.session import read_taste

register = template.Library()
_KEY: Final = "catalog.card_tags"


@register.simple_tag(takes_context=True)
def card(context: Context, card: Card, *, eager: bool = False) -> SafeString:
    """`{% card card eager=True %}`: the one product card."""
    return SafeString(card_html(card, *_visitors(context), eager=eager))


@register.simple_tag(takes_context=True)
def lane(context: Context, lane: Lane, *, eager: bool = False) -> SafeString:
    """`{% lane lane %}`: a row of neighbours."""
    return SafeString(lane_html(lane, *_visitors(context), eager=eager))


def _visitors(context: Context) -> tuple[Pen, Taste]:
    """One pen for all cards of a rendering, and the taste of whom it is for."""
    kept: tuple[Pen, Taste] | None = context.render_context.get(_KEY)
    if kept is None:
        request: HttpRequest | None = getattr(context, "request", None)
        kept = context.render_context[_KEY] = (Pen(), Taste() if request is None else read_taste(request))
    return kept
