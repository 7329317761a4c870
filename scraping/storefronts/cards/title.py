"""What a card calls its product."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from bs4 import Tag

from scraping.storefronts.cards.links import address_of
from scraping.storefronts.cards.page_index import is_price_element, shows_price
from scraping.storefronts.dom import HEADINGS, classes_of, is_hidden, text_of, visible_text

TITLE_LONGEST: Final = 500
_TITLE_CLASS: Final = re.compile(r"title|name|(?:^|[-_])heading", re.IGNORECASE)
_NOT_TITLE_CLASS: Final = re.compile(
    r"brand|vendor|manufactur|categor|(?:^|[-_])cat(?:[-_]|$)|sub-?title|seller|store-?name|user|badge|label|price|"
    r"swatch|review|"
    r"rating|description|(?:colou?r|size|option)[-_]*(?:name|title)",
    re.IGNORECASE,
)
_NEW_WINDOW: Final = re.compile(
    r"\s*[-–(,.]?\s*(?:opens? in (?:a )?new (?:window|tab)|öffnet (?:sich )?in (?:einem )?neuen (?:fenster|tab)|"
    r"s'ouvre dans une nouvelle fenêtre|se abre en una ventana nueva|откро\w+ в новом окне)\)?\.?",
    re.IGNORECASE,
)
_LEADING: Final = re.compile(
    r"^(?:picture of|image of|show details for|view details (?:of|for)|go to product:?|link to|quick view(?: of)?:?|"
    r"add to (?:cart|basket|bag):?)\s+(?=\S)",
    re.IGNORECASE,
)
_PRICE_AFTER: Final = re.compile(
    r"[.,;:]?\s*(?:preis|price|prix|precio|prezzo|ab|from)?:?\s*(?:[$€£¥₽₹₺]\s*\d[\d.,\s]*|\d[\d.,\s]*\s*[€₽₴₸]).*$", re.I
)
_CONTROLS: Final = re.compile(
    r"(?:quick ?(?:view|shop|look|buy|add)|add(?:ed)? to (?:cart|bag|basket|wish ?list|compare|favou?rites).*|"
    r"(?:view|see|show|more|product) ?details?|"
    r"view( product| all)?|buy( now)?|shop now|details?|more( info)?|read more|select options|choose options|"
    r"compare|wish ?list|"
    r"(?:on )?sale!?(?: -?\d+\s?%)?|new!?|sold out|out of stock|in stock|hot!?|save|-?\d+\s?%.*|best ?seller|"
    r"new arrival|free shipping|pre-?order|"
    r"\(?[\d.,\s]+\)?|\d+ reviews?.*|\d[.,]\d.*(?:stars?|von|out of|из).*|rated .*|no reviews|write a review|"
    r"in den warenkorb|zum produkt|zur detailseite|jetzt kaufen|neu|ausverkauft|merken|"
    r"ajouter au panier|aperçu rapide|voir( le produit)?|nouveau|promo!?|épuisé|détails|"
    r"añadir al carrito|vista rápida|ver( más| detalles)?|comprar|oferta!?|nuevo|agotado|"
    r"aggiungi al carrello|anteprima|scopri|acquista|in winkelwagen|bekijk( product)?|do koszyka|dodaj do koszyka|"
    r"szybki podgląd|zobacz|"
    r"купить|в корзину|подробнее|быстрый просмотр|новинка|хит|скидка|распродажа|нет в наличии|в наличии|сравнить|в избранное)",
    re.IGNORECASE,
)
_CUT: Final = re.compile(r"\s*(?:\.{2,}|…)$")
_BY_ATTRIBUTE: Final = ("data-name", "data-title", "data-product-name", "data-product-title", "data-product_name")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A text that may be the title, and how much speaks for the place where it stands."""

    text: str
    weight: float


def title_candidates(card: Tag, url: str, base_url: str, listed_name: str = "") -> list[Candidate]:
    """All that the card could call its product. `listed_name` is what the page's JSON-LD calls what lies at `url`."""
    found = [Candidate(_cleaned(text), weight) for text, weight in _texts(card, url, base_url)]
    if listed_name:
        found.append(Candidate(_cleaned(listed_name), 38))
    return [candidate for candidate in found if candidate.text and not _is_control(candidate.text)]


def choose_title(candidates: list[Candidate], repeated: Iterable[str] = ()) -> str:
    """The likeliest title, whole where it is cut. `repeated`: texts (see `folded`) that stand on most of the page's cards."""
    if not candidates:
        return ""
    repeated = set(repeated)
    agreeing = Counter(folded(candidate.text) for candidate in candidates)

    def rank(candidate: Candidate) -> float:
        key = folded(candidate.text)
        return candidate.weight + 4 * (min(agreeing[key], 4) - 1) - (30 if key in repeated else 0)

    best = max(candidates, key=rank).text
    return _whole(best, [candidate.text for candidate in candidates])[:TITLE_LONGEST]


def folded(text: str) -> str:
    """A text as far as two spellings of one title agree."""
    return re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", text).casefold()).strip()


def _texts(card: Tag, url: str, base_url: str) -> Iterator[tuple[str, float]]:
    links: list[Tag] = []
    for part in [card, *card.find_all(True)]:
        if part.name == "a" and part.get("href") and address_of(part, base_url) == url:
            links.append(part)
        yield from _of_part(part, card, url, base_url)
    for around in [card.find_parent("a")] if not links else []:
        links += [around] if around else []
    for link in links:
        if link is not card:
            yield visible_text(link) if not link.find(_price_in) else "", 40
        elif not any(isinstance(child, Tag) and child.name not in {"img", "picture"} for child in link.children):
            yield visible_text(link), 40
        yield str(link.get("title") or ""), 30
        yield _PRICE_AFTER.sub("", str(link.get("aria-label") or "")), 28
    for described in dict.fromkeys(str(image["alt"]) for image in card.find_all("img", alt=True, limit=3)):
        yield described, 25
    for name in _BY_ATTRIBUTE:
        yield str(card.get(name) or ""), 35


def _of_part(part: Tag, card: Tag, url: str, base_url: str) -> Iterator[tuple[str, float]]:
    names = [*classes_of(part), str(part.get("data-hook") or ""), str(part.get("data-test") or "")]
    brand = str(part.get("itemprop") or "") == "brand" or any(_NOT_TITLE_CLASS.search(name) for name in names)
    if brand or part is card or is_hidden(part):
        return
    if str(part.get("itemprop") or "").lower() == "name" and _is_own(part, card):
        yield str(part.get("content") or ""), 60
        yield visible_text(part), 60
        return
    heading = part.name in HEADINGS
    if not heading and not any(_TITLE_CLASS.search(name) for name in names):
        return
    if part.find(_price_in) is not None or (shows_price(text_of(part)[-60:]) and len(text_of(part)) > 120):
        return
    if not heading and part.find(list(HEADINGS)) is not None:
        return  # a wrapper: the heading within is asked by itself
    leads = {address_of(link, base_url) for link in part.find_all("a", href=True)}
    around = part.find_parent("a")
    if around is not None and around.get("href"):
        leads.add(address_of(around, base_url))
    weight = 55.0 if heading else 50.0
    if leads and url not in leads:
        weight = 10.0
    elif not leads:
        weight -= 6
    yield visible_text(part), weight
    whole = text_of(part)
    if whole != visible_text(part):
        yield whole, weight - 3
    yield str(part.get("title") or ""), 30


def _price_in(element: Tag) -> bool:
    return is_price_element(element)


def _is_own(part: Tag, card: Tag) -> bool:
    """Whether microdata in `part` is of the product itself, not of its brand, seller or review."""
    at = part.parent
    while at is not None and at is not card.parent:
        if at.has_attr("itemscope"):
            return "Product" in str(at.get("itemtype") or "Product")
        at = at.parent
    return True


def _cleaned(text: str) -> str:
    text = " ".join(text.split())
    text = _NEW_WINDOW.sub("", text)
    return _LEADING.sub("", text).strip(" \u200b\ufeff")


def _is_control(text: str) -> bool:
    return _CONTROLS.fullmatch(text) is not None or not any(character.isalnum() for character in text) or shows_price(text)


def _whole(text: str, others: list[str]) -> str:
    """`text`, or where it is cut the longer one that begins the same."""
    if not _CUT.search(text):
        return text
    start = folded(_CUT.sub("", text))
    longer = [other for other in others if not _CUT.search(other) and folded(other).startswith(start)]
    return min(longer, key=len, default=text)
