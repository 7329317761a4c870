"""The control that puts a page's own product into the basket, which tells a product's page from a category."""

import re
from collections.abc import Collection
from typing import Final

from bs4 import BeautifulSoup, Tag

from scraping.storefronts.dom import classes_of, is_hidden, text_of

_BUY_CONTROLS: Final = 3
_BUY_CLASS: Final = re.compile(
    r"add[-_]?to[-_]?(?:cart|basket|bag)|addtocart|buy[-_]?(?:now|btn|button)|product[-_]?form|btn-cart", re.IGNORECASE
)
_BUY_WORDS: Final = re.compile(
    r"add to (?:cart|basket|bag|trolley)|buy now|in den warenkorb|ajouter au panier|añadir al? carrito|"
    r"agregar al carrito|comprar|"
    r"aggiungi al carrello|acquista|in winkelwagen|do koszyka|do košíku|do košíka|dodaj v košarico|v košarico|"
    r"u košaricu|kupi|kúpiť|koupit|"
    r"купить|в корзину|до кошика|купити|カートに入れる|加入購物車|立即購買|"
    r"加入购物车|장바구니|kosárba|sepete ekle|adicionar ao carrinho",
    re.IGNORECASE,
)
_CONTROLS: Final = frozenset({"button", "input", "a", "span", "div"})
_QUANTITY: Final = re.compile(r"qty|quantity|menge|cantidad|quantite|quantità|anzahl|ilosc|mnozstvi|kolicina", re.IGNORECASE)
_ASIDE: Final = ("header", "nav", "footer", "aside", "dialog", "template")
_DRAWER: Final = re.compile(r"cart|modal|drawer|popup|quick-?view|compare|wish", re.IGNORECASE)


def has_buy_box(soup: BeautifulSoup, cards: Collection[int]) -> bool:
    """Whether something can be put into the basket outside the cards, before the first of them: a product's own page."""
    titled = {id(parent) for heading in soup.find_all("h1", limit=20) for parent in heading.parents}
    found = 0
    before = True
    for element in soup.find_all(True):
        if id(element) in cards:
            before = False
        if element.name in _CONTROLS and _buys(element) and not _is_aside(element, cards, titled):
            if not before and not found:
                return False
            found += 1
    # A list whose cards were not understood has many.
    return 0 < found <= _BUY_CONTROLS


def _buys(element: Tag) -> bool:
    if is_hidden(element) or str(element.get("type") or "") == "hidden":
        return False
    if element.name == "input" and _QUANTITY.fullmatch(str(element.get("name") or "")):
        return True
    named = [
        *classes_of(element),
        str(element.get("id") or ""),
        str(element.get("name") or ""),
        str(element.get("data-hook") or ""),
    ]
    text = f"{text_of(element)[:60]} {element.get('value') or ''} {element.get('title') or ''}".strip()
    if element.name in {"button", "input"}:
        return any(_BUY_CLASS.search(name) for name in named) or _BUY_WORDS.search(text) is not None
    if element.name == "a" and any(_BUY_CLASS.search(name) for name in named):
        return True
    # A link or a box is a button where it says nothing but "add to cart"; a lone "buy" may be a menu's.
    return _BUY_WORDS.fullmatch(text) is not None and (" " in text or element.name != "a" or not element.get("href"))


def _is_aside(element: Tag, cards: Collection[int], titled: Collection[int]) -> bool:
    for parent in element.parents:
        if id(parent) in cards or parent.name in _ASIDE or is_hidden(parent):
            return True
        if parent.name in {"body", "html", "main", "form"} or id(parent) in titled:
            continue
        named = (*classes_of(parent), str(parent.get("id") or ""))
        if any(_DRAWER.search(name) and not _BUY_CLASS.search(name) for name in named):
            return True
    return False
