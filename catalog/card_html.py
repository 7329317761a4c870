"""Cards and lanes as HTML: the templates `catalog/_card.html` and `catalog/_lane.html`, filled."""

from typing import TYPE_CHECKING

from django.template.loader import render_to_string

from catalog.cards import Card
from catalog.stencils import Pen
from catalog.taste.likes import Taste

if TYPE_CHECKING:
    from catalog.similar.lanes import Lane


def card_html(card: Card, pen: Pen, taste: Taste, *, eager: bool = False) -> str:
    """The one product card, its buttons pressed by this taste. `eager`: it is in sight at once."""
    values = {
        "id": card.id,
        "title": card.title,
        "url": card.url,
        "picture": card.picture,
        "price": card.price,
        "shop_url": card.shop_url,
        "distance_text": card.distance_text,
        "closer_than": card.closer_than,
        "why": card.why,
    }
    copies = {"copies": render_to_string("partials/_copies.html", {"copies": card.copies})} if card.copies else {}
    return pen.fill("partials/_card.html", values, copies, eager=eager, agreed=card.agreed, said=taste.verdict(card.id))


def lane_html(lane: "Lane", pen: Pen, taste: Taste, *, eager: bool = False) -> str:
    """A row of neighbours with its heading."""
    cards = "".join([part for card in lane.cards for part in ("\n    <li>", card_html(card, pen, taste, eager=eager), "</li>")])
    return pen.fill("similar/_lane.html", {"more": lane.more}, {"cards": cards}, key=lane.key, heading=lane.heading)
