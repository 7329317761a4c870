"""The catalogue's rows of what a scrape meets. A row is written only for an item whose preview is on disk."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from catalog.models import Correction, Item
from imaging.preview_size import picture_size
from scraping.storefronts.base import Card

_BATCH: Final = 200
_CENT: Final = Decimal("0.01")
_PRICE_LIMIT: Final = Decimal(10) ** 10
_MOST_PICTURES: Final = 20
_FIELDS: Final = (
    "title", "price", "currency", "url", "image_url", "category", "source", "in_stock", "brand", "group_id", "more_pictures",
    "width", "height",
)  # fmt: skip


@dataclass(slots=True)
class Counts:
    """What became of the rows."""

    new: int = 0
    updated: int = 0
    unchanged: int = 0


def owners(item_ids: Iterable[str], source: str) -> dict[str, str]:
    """Of these items those that another shop than `source`'s holds, with that shop's host; delisted ones are free to take."""
    mine = shop_of(source)
    held = Item.objects.filter(item_id__in=list(item_ids), delisted_at=None).exclude(source="").values_list("item_id", "source")
    return {item_id: shop_of(other) for item_id, other in held if shop_of(other) != mine}


def shop_of(source: str) -> str:
    """What tells shops apart in a source: the host of a URL, else the word itself (`demo`), up to a colon (`import:x.csv`)."""
    host = urlsplit(source).hostname if "://" in source else ""
    return (host or source.partition(":")[0]).removeprefix("www.")


class KnownProducts:
    """The ItemIDs that a shop's products have in the catalogue, by the path of their page.

    A shop system's data and its pages may give one product different ids (a number, a slug), and which of the two can be read
    may change from day to day: the product keeps the id under which it came.
    """

    def __init__(self, source: str) -> None:
        self._ids: set[str] = set()
        self._by_path: dict[str, set[str]] = defaultdict(set)
        self._met: set[str] = set()
        origin = "{0.scheme}://{0.netloc}/".format(urlsplit(source))
        rows = Item.objects.filter(source__startswith=origin).order_by().values_list("item_id", "url")
        for known, url in rows.iterator(chunk_size=10_000):
            self._ids.add(known)
            self._by_path[_product_path(url)].add(known)
        self._by_path.pop("", None)

    def keep_ids(self, cards: Iterable[Card]) -> Iterator[Card]:
        """The cards, those of known products under the ids that these have."""
        cards = list(cards)
        taken = self._met | {card.item_id for card in cards}
        for card in cards:
            known = self._by_path.get(_product_path(card.url), set())
            if card.item_id not in self._ids and len(known) == 1 and not known & taken:
                card = replace(card, item_id=next(iter(known)))
                taken.add(card.item_id)
            self._met.add(card.item_id)
            yield card


def _product_path(url: str) -> str:
    """What names a product in the address of its page: of Shopify's, which differ from collection to collection, the end."""
    try:
        path = unquote(urlsplit(url).path).rstrip("/")
    except ValueError:
        return ""
    _, mark, handle = path.rpartition("/products/")
    return mark + handle if mark else path


def _storable(text: str, longest: int) -> str:
    """Text that every database takes: without NUL and without halves of surrogate pairs, which JSON may hold."""
    return text.replace("\0", "").encode("utf-8", "replace").decode()[:longest]


def _storable_price(price: Decimal | None) -> Decimal | None:
    return price.quantize(_CENT) if price is not None and price.is_finite() and 0 <= price < _PRICE_LIMIT else None


class Rows:
    """Gathers met items and writes them in batches. `counts` is right after `flush`. images: the folder of previews."""

    def __init__(self, source: str, met_at: datetime, images: Path) -> None:
        self.counts = Counts()
        self.source = source
        self._met_at = met_at
        self._images = images
        self._waiting: dict[str, tuple[Card, bool]] = {}

    def add(self, card: Card, *, picture_is_new: bool) -> None:
        """Take a met item whose preview is on disk; `card.image_url` is where that preview came from."""
        self._waiting[card.item_id] = (card, picture_is_new)
        if len(self._waiting) >= _BATCH:
            self.flush()

    def keep_on_sale(self, item_ids: Iterable[str]) -> None:
        """Note as met those of these ids that the source's catalogue knows: their cards are there, though unreadable today."""
        known = Item.objects.filter(source=self.source, pk__in=list(item_ids))
        known.update(last_seen=self._met_at, delisted_at=None)

    def flush(self) -> None:
        """Write what waits, in one statement."""
        if not self._waiting:
            return
        known = Item.objects.in_bulk(list(self._waiting))
        corrections = Correction.objects.in_bulk(list(self._waiting))
        rows = []
        for card, picture_is_new in self._waiting.values():
            old = known.get(card.item_id)
            row = self._row(card, old, picture_is_new=picture_is_new)
            if correction := corrections.get(card.item_id):
                correction.correct(row)
            rows.append(row)
            if old is None:
                self.counts.new += 1
            elif picture_is_new or old.delisted_at or any(getattr(old, name) != getattr(row, name) for name in _FIELDS):
                self.counts.updated += 1
            else:
                self.counts.unchanged += 1
        Item.objects.bulk_create(
            rows,
            update_conflicts=True,
            unique_fields=["item_id"],
            update_fields=[*_FIELDS, "last_seen", "delisted_at", "search_text"],
        )
        if corrections:
            Correction.objects.bulk_update(corrections.values(), ["shop"])
        self._waiting.clear()

    def _row(self, card: Card, old: Item | None, *, picture_is_new: bool) -> Item:
        source = self.source
        if old is not None and old.source and old.delisted_at is None and old.source != source:
            # It stands in two categories: the first keeps it, so that two scrapes do not take it from each other for ever.
            source = old.source
            card = replace(card, category=old.category)
        size = (None, None) if old is None or picture_is_new else (old.width, old.height)
        if None in size:
            size = picture_size(self._images / f"{card.item_id}.jpg") or (None, None)
        return Item(
            item_id=card.item_id,
            title=_storable(card.title, 500),
            price=_storable_price(card.price),
            currency=card.currency,
            url=_storable(card.url, 2000),
            image_url=_storable(card.image_url, 2000),
            category=_storable(card.category, 200),
            source=source,
            in_stock=card.in_stock,
            brand=_storable(card.brand, 200),
            group_id=_storable(card.group_id, 200),
            more_pictures=[_storable(url, 2000) for url in card.more_pictures if len(url) <= 2000][:_MOST_PICTURES],
            width=size[0],
            height=size[1],
            last_seen=self._met_at,
            delisted_at=None,
        )
