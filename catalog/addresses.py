"""Addresses of the site's own pages."""

from functools import lru_cache

from django.urls import get_script_prefix, get_urlconf, reverse


def url(name: str, *args: str) -> str:
    """`url("catalog:item", item_id)`: Django's `reverse`, whose answers are kept: a page asks for some hundred of them."""
    return _reverse(name, args, get_script_prefix(), get_urlconf())


@lru_cache(maxsize=8192)
def _reverse(name: str, args: tuple[str, ...], _script_prefix: str, urlconf: str | None) -> str:
    return reverse(name, urlconf, args)
