"""Addresses of the site's own pages."""

from functools import lru_cache

from django.urls import get_script_prefix, reverse


def url(name: str, *args: str) -> str:
    """`url("catalog:item", item_id)`: Django's `reverse`, whose answers are kept: a page asks for some hundred of them."""
    return _reverse(name, args, get_script_prefix())


@lru_cache(maxsize=32_768)  # some 10 MB: an item's page and its picture, of 16,000 items
def _reverse(name: str, args: tuple[str, ...], _script_prefix: str) -> str:
    return reverse(name, args=args)
