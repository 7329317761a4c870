"""What shops that publish their products as numbered lists (Shopify, WooCommerce) have in common."""

from collections.abc import Iterable

from scraping.storefronts.base import Card, Page, Unreadable
from scraping.storefronts.urls import with_query


def numbered_page(cards: Iterable[Card | Unreadable], url: str, page: int, *, more: bool) -> Page:
    """List number `page` at `url`; with `more`, the next one is the same address with `page` one higher."""
    cards = tuple(cards)
    return Page(
        cards=tuple(card for card in cards if isinstance(card, Card)),
        unreadable=tuple(card for card in cards if isinstance(card, Unreadable)),
        next_url=with_query(url, page=page + 1) if more else None,
        last=not more,
    )
