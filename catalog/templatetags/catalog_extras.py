"""What templates ask for in words: query strings, numbers, colour names."""

from urllib.parse import urlencode

from django import template
from django.utils.formats import number_format
from django.utils.functional import Promise

from catalog import colour_names

register = template.Library()


@register.simple_tag
def query(**pairs: object) -> str:
    """`{% query category=name %}`: an encoded query string."""
    return urlencode(pairs)


@register.filter
def thousands(number: int) -> str:
    """1234567 as the reader's language groups it."""
    return number_format(number, use_l10n=True, force_grouping=True)


@register.filter
def colour_name(name: str) -> Promise | str:
    """The palette's name in the reader's language."""
    return colour_names.colour_name(name)
