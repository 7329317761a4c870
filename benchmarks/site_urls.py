"""The site's URLs and two bare pages: constant bytes, and a template of as many cards.

Both pass through the site's own middleware, as its pages do. Neither asks database or index, translates, reads the session
or makes a CSRF token.
"""

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.urls import URLPattern, URLResolver, path

from recommender.urls import handler404
from recommender.urls import urlpatterns as site_urls

__all__ = ["handler404", "urlpatterns"]

CARDS: Final = 20
_PAGE: Final = Engine().from_string(
    "<!doctype html><title>Bare</title>{% for card in cards %}<article><a href='{{ card.url }}'>"
    "<img src='{{ card.picture }}' alt=''>{{ card.title }}</a> {{ card.price }} {{ card.distance }}</article>{% endfor %}"
    "<p>{{ filling }}</p>"
)


def constant(request: HttpRequest, size: int) -> HttpResponse:
    """`size` bytes, through the same middleware as every page."""
    return HttpResponse(b"x" * size)


def template(request: HttpRequest, size: int) -> HttpResponse:
    """Cards of constant fields, filled up to about `size` bytes."""
    cards = [
        {
            "url": f"/items/{card}/",
            "picture": f"/items/{card}/preview.jpg?w=320",
            "title": "A shirt with a print",
            "price": "€ 19.90",
            "distance": "0.42",
        }
        for card in range(CARDS)
    ]
    return HttpResponse(_PAGE.render(Context({"cards": cards, "filling": "x" * max(0, size - 150 * CARDS)})))


urlpatterns: list[URLPattern | URLResolver] = [
    *site_urls,
    path("bare/constant/<int:size>/", constant),
    path("bare/template/<int:size>/", template),
]
