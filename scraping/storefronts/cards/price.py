"""What is asked for a card's product now: not what it cost before, nor what a litre of it costs, nor what is saved."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from bs4 import Tag
from bs4.element import NavigableString

from scraping.storefronts.cards.page_index import is_price_element
from scraping.storefronts.dom import classes_of, is_hidden, parents_within, text_of
from scraping.storefronts.prices.amounts import machine_price, parse_price, shows_money
from scraping.storefronts.prices.currencies import currency_of
from scraping.storefronts.prices.shop_locale import Locale
from scraping.storefronts.prices.split_amounts import price_text

_FORMER: Final = re.compile(
    r"(?:^|[-_])(?:old|was|compare|compare-?at|crossed|regular|list|before|msrp|rrp|uvp|strike|striked|strikethrough|original|"
    r"previous|former|base|full|retail|normal|non-?sale|pseudo)(?:[-_]|$)|line-through|oldprice|wasprice|listprice",
    re.IGNORECASE,
)
_CURRENT: Final = re.compile(
    r"(?:^|[-_])(?:sale|sales|special|current|now|final|actual|new|promo|discounted|to-pay|offer|reduced|"
    r"(?:price[-_])?discount[-_]price|price[-_]+discount)(?:[-_]|$)",
    re.IGNORECASE,
)
_PER_UNIT: Final = re.compile(
    r"unit[-_]?price|price[-_]+tax|ex(?:cl)?[-_]?tax|"
    r"price[-_]?per|(?:^|[-_])(?:per-unit|base-?price|reference)(?:[-_]|$)|price[-_]?unit|grundpreis",
    re.I,
)
_SAVING: Final = re.compile(
    r"(?:^|[-_])(?:sav(?:e|ed|ing|ings)|discount|percent(?:age)?|off|shipping|delivery|instal\w*|deposit)(?:[-_]|$)", re.I
)
_FORMER_WORDS: Final = re.compile(
    r"^\W*(?:was|before|rrp|msrp|list(?: price)?|regular(?: price)?|original(?: price)?|uvp|statt|vorher|bisher|"
    r"avant|au lieu de|"
    r"antes|prima|listino|van|voor|było|původně|старая цена|раньше|было)\b",
    re.IGNORECASE,
)
_OTHER_WORDS: Final = re.compile(
    r"\b(?:save|you save|off|shipping|delivery|versand|spar\w*|rabatt|économisez|ahorr\w+|livraison|доставк\w+|скидк\w+|"
    r"per month|/\s?mo(?:nth)?\b|instal\w+|interest|free|over)\b|points?\b",
    re.IGNORECASE,
)
_UNIT_AFTER: Final = re.compile(
    r"(?:/|\bper\b|\bpro\b|\bje\b|\bpar\b|\bal\b|\bpor\b|за)\s*(?:\d+[.,]?\d*\s*)?(?:kg|g|gr|mg|l|ml|cl|dl|oz|lb|m|"
    r"m²|m2|cm|stk|stück|piece|pc|each|"
    r"pack|litre|liter|unit|шт|кг|л|м)\b",
    re.IGNORECASE,
)
_STRUCK: Final = frozenset({"del", "s", "strike"})
_LINE_THROUGH: Final = re.compile(r"line-through", re.IGNORECASE)
_DATA_PRICES: Final = ("data-product-price", "data-price", "data-price-amount", "data-sale-price", "data-item-price")
_LONGEST: Final = 60
_WORST: Final = -30.0  # a price that is struck out is none, even where there is no other
_NOWHERE: Final = Locale()
_TOGETHER: Final = re.compile(r"price.*(?:and|with)|(?:and|with).*price", re.IGNORECASE)  # "price-and-shipping" holds both
_PERCENT: Final = re.compile(r"[(\s]*[-–−]?\s*\d{1,2}\s*%.{0,12}")
_MEASURE: Final = re.compile(r"\d\s?(?:l|ml|cl|kg|g|mg|cm|mm|m|oz|lb|pcs?|pack|stk|stück|шт|кг|г|мл|см)\b\.?", re.IGNORECASE)


def asked_price(card: Tag, locale: Locale = _NOWHERE) -> tuple[Decimal | None, str]:
    """The price and its currency, (None, "") where the card shows none. `locale`: what the page tells of its shop."""
    named = _named_currency(card)
    if named:
        locale = locale._replace(currency=named)
    marked = _microdata_price(card, locale)
    shown = _shown_price(card, locale)
    if marked[0] is not None:
        # Microdata often leaves the currency to the text beside it.
        return (marked[0], marked[1] or (shown[1] if shown[0] is not None else ""))
    if shown[0] is not None:
        return shown
    for name in _DATA_PRICES:
        for part in (card, *card.find_all(attrs={name: True}, limit=3)):
            amount = machine_price(str(part.get(name) or ""), locale.currency)
            if amount is not None:
                return amount, locale.currency
    return None, ""


def read_price(text: str, locale: Locale) -> tuple[Decimal | None, str]:
    """The price in a text, its sign settled by the page's locale."""
    return parse_price(text, locale.currency, host=locale.host, language=locale.language)


def _microdata_price(card: Tag, locale: Locale) -> tuple[Decimal | None, str]:
    for name in ("price", "lowPrice"):
        for part in card.find_all(attrs={"itemprop": name}):
            if _is_former(part, card) or _is_other(part, card):
                continue
            if part.get("content"):
                amount = machine_price(str(part["content"]), locale.currency)
                price = (amount, locale.currency) if amount is not None else read_price(str(part["content"]), locale)
            else:
                price = read_price(price_text(part, _is_struck), locale)
            if price[0] is not None:
                return price
    return None, ""


def _named_currency(card: Tag) -> str:
    named = card.find(attrs={"itemprop": "priceCurrency"})
    return currency_of(str(named.get("content") or text_of(named))) if isinstance(named, Tag) else ""


def _shown_price(card: Tag, locale: Locale) -> tuple[Decimal | None, str]:
    best: tuple[Decimal | None, str] = (None, "")
    most = float("-inf")
    for element in _price_elements(card):
        text = price_text(element, _is_aside) or price_text(element) or str(element.get("aria-label") or "")
        price = read_price(text, locale)
        if price[0] is None:
            continue
        rank = _rank(element, card, text)
        if rank > most:
            best, most = price, rank
    return best if most > _WORST else (None, "")


def _price_elements(card: Tag) -> Iterator[Tag]:
    """The smallest elements that hold a whole price, in page order."""
    taken: set[int] = set()
    for string in card.find_all(string=True):
        if not any(character.isdigit() for character in string) or string.parent is None:
            continue
        for steps, element in enumerate(parents_within(string.parent, card)):
            text = text_of(element)
            if steps > 3 or len(text) > _LONGEST or element.name in {"script", "style"} or _PERCENT.fullmatch(text):
                break
            if steps and taken and any(id(part) in taken for part in element.find_all(True)):
                break  # around a price that was met already: what is left of it is a saving, a unit or the like
            if steps and _stands_beside(element, string):
                break  # a number in a title, beside the price
            if shows_money(text) or (is_price_element(element) and any(map(str.isdigit, text))):
                # "12", "," and "99" stand apart within one price: go up to what the shop calls one, or to the currency.
                whole = _whole_price(element, card)
                if id(whole) not in taken:
                    taken.add(id(whole))
                    yield whole
                break
    for part in card.find_all(attrs={"aria-label": True}, limit=5):
        if shows_money(str(part["aria-label"])[-20:]) and not taken:
            yield part


def _stands_beside(element: Tag, string: NavigableString) -> bool:
    """Whether a whole price stands in a part of `element` that does not hold `string`."""
    parts = (part for part in element.find_all(True) if shows_money(text_of(part)))
    return any(not any(parent is part for parent in string.parents) for part in parts)


def _whole_price(element: Tag, card: Tag) -> Tag:
    whole = element
    if not shows_money(text_of(element)) or _is_piece(element):
        for parent in parents_within(element.parent, card) if element.parent is not None and element is not card else ():
            text = text_of(parent)
            if len(text) > 30 or not any(map(str.isdigit, text)):
                break
            whole = parent
            if shows_money(text) and not _is_piece(parent):
                break
    return whole


def _is_piece(element: Tag) -> bool:
    """Whether digits or a separator follow an element directly, so that it is the first piece of an amount in pieces."""
    after = element.find_next_sibling()
    if not isinstance(after, Tag):
        return False
    return re.fullmatch(r"[.,]\s*\d{0,2}|\d{2}", text_of(after)) is not None and len(text_of(after)) <= 3


def _rank(element: Tag, card: Tag, text: str) -> float:
    rank = 0.0
    if shows_money(text):
        rank += 4
    elif _MEASURE.search(text):
        rank -= 15
    if any(_is_struck(part) for part in parents_within(element, card)):
        rank -= 50
    if _is_former(element, card):
        rank -= 20
    if _is_other(element, card) or _OTHER_WORDS.search(text):
        rank -= 15
    if _UNIT_AFTER.search(text) or text.startswith("("):
        rank -= 15
    around = list(parents_within(element, card))
    if any(is_hidden(part) for part in around):
        rank -= 10
    if any(part.name == "ins" or any(_CURRENT.search(name) for name in _names(part)) for part in around[:3]):
        rank += 3
    if any(is_price_element(part) for part in around[:3]):
        rank += 2
    if element.name not in {"p", "div"} or len(text) < 20:
        rank += 0.5
    return rank


def _is_aside(part: Tag) -> bool:
    """Whether a part of a price is another one by its own names: the former one, that without tax, that of a litre."""
    if _is_struck(part):
        return True
    return any((_FORMER.search(name) and not _CURRENT.search(name)) or _PER_UNIT.search(name) for name in _names(part))


def _is_struck(part: Tag) -> bool:
    return part.name in _STRUCK or _LINE_THROUGH.search(str(part.get("style") or "")) is not None


def _is_former(tag: Tag, card: Tag) -> bool:
    """Whether `tag` shows what the product cost before: struck out, or named so."""
    for part in parents_within(tag, card):
        if _is_struck(part):
            return True
        if any(_FORMER.search(name) and (not _CURRENT.search(name) or "non" in name) for name in _names(part)):
            return True
    return any(_FORMER_WORDS.search(text_of(part)) for part in list(parents_within(tag, card))[:2] if len(text_of(part)) < 40)


def _is_other(tag: Tag, card: Tag) -> bool:
    """Whether `tag` shows a unit's price, a saving or the shipping."""
    return any(
        _PER_UNIT.search(name) or (_SAVING.search(name) and not _CURRENT.search(name) and not _TOGETHER.search(name))
        for part in parents_within(tag, card)
        for name in _names(part)
    )


def _names(part: Tag) -> list[str]:
    """What a shop calls an element: its classes, its hooks for tests and scripts, its data attributes without a value."""
    hooks = [str(part.get(name) or "") for name in ("data-hook", "data-test", "data-testid", "data-price-type", "id")]
    bare = [name for name, value in part.attrs.items() if name.startswith("data-") and value == ""]
    return [re.sub(r"[-_]{2,}", "-", name) for name in (*classes_of(part), *hooks, *bare)]
