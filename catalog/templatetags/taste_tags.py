"""What a card must know of the visitor's taste, even when it was included with `only`."""

from django import template
from django.http import HttpRequest
from django.template import Context

from catalog.taste import Taste
from catalog.taste_session import read_taste

register = template.Library()


@register.simple_tag(takes_context=True)
def taste(context: Context) -> Taste:
    """`{% taste as mine %}`: what the visitor judged; empty where a template is rendered without a request."""
    request: HttpRequest | None = getattr(context, "request", None)
    return Taste() if request is None or not hasattr(request, "session") else read_taste(request)


@register.filter
def says(mine: Taste, item_id: str) -> str:
    """`{{ mine|says:item_id }}`: "like", "dislike" or ""."""
    return next((verdict for judged, verdict in mine.judged if judged == item_id), "")
