"""No URL is forgotten where every page is looked at: tests/browser/pages.py lists them all."""

from collections.abc import Iterator

from django.urls import URLPattern, URLResolver, get_resolver

from tests.browser.pages import DESK, NO_PAGE, NOT_OURS, PUBLIC, REFUSED


def names(resolver: URLResolver, namespace: str = "") -> Iterator[str]:
    """`namespace:name` of every URL that has a name."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from names(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)
        elif isinstance(entry, URLPattern) and entry.name:
            yield namespace + entry.name


def test_every_url_is_a_page_or_known_to_be_none() -> None:
    listed = {*PUBLIC, *DESK, *NO_PAGE, *REFUSED}
    there = set(names(get_resolver()))
    assert sorted(name for name in there - listed if not name.startswith(NOT_OURS)) == [], "add them to tests/browser/pages.py"
    assert sorted(listed - there) == []
