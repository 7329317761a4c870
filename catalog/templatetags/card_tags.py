"""Cards and lanes in templates, with the visitor's taste on them."""

from django import template
from django.http import HttpRequest
from django.template import Context
from django.utils.safestring import SafeString

from catalog.card_html import card_html, lane_html
from catalog.cards import Card
from catalog.item_page import Lane
from catalog.taste import Taste
from catalog.taste_session import read_taste

register = template.Library()


@register.simple_tag(takes_context=True)
def card(context: Context, card: Card, *, eager: bool = False) -> SafeString:
    """`{% card card eager=True %}`: the one product card."""
    return card_html(card, _taste(context), eager=eager)


@register.simple_tag(takes_context=True)
def lane(context: Context, lane: Lane, *, eager: bool = False) -> SafeString:
    """`{% lane lane %}`: a row of neighbours."""
    return lane_html(lane, _taste(context), eager=eager)


def _taste(context: Context) -> Taste:
    request: HttpRequest | None = getattr(context, "request", None)
    return Taste() if request is None else read_taste(request)
