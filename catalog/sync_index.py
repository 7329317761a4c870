"""Bring the catalogue in step with a new index: rows for new ids, and each item's dominant colour and size."""

import logging
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, TypeVar

from django.conf import settings

from catalog.browse.facets import forget_facets
from catalog.models import Item
from catalog.words.styles import write_styles
from imaging.preview_size import picture_size
from indexing.extras.colours import COLOURS
from indexing.index.file import load_index
from indexing.index.record import Index
from recommender.database import ensure_tables

logger = logging.getLogger(__name__)

# Never met by a scrape: such a row must not look newer than one that was.
NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BATCH: Final = 500
T = TypeVar("T")


def sync_index(path: Path) -> None:
    """Bring the catalogue's rows in step with the index at `path`. Raises IndexFileError, DatabaseError."""
    ensure_tables()
    index = load_index(path)
    added = add_missing_rows(index)
    removed, returned = follow_pictures(index, settings.IMAGES_DIR)
    changed = write_colours(index)
    sized = write_sizes(index, settings.IMAGES_DIR)
    styled = write_styles(index, path)
    forget_facets()
    logger.info("Catalogue synchronised with the index: %d rows added, %d colours and %d sizes changed.", added, changed, sized)
    if styled:
        logger.info("Styles: %d changed.", styled)
    if removed or returned:
        logger.info("Pictures without a product: %d gone and taken off sale, %d back.", removed, returned)


def add_missing_rows(index: Index) -> int:
    """A bare row for each indexed picture without a product, so that the grid shows it; how many were added."""
    added = 0
    for ids in _batches(index.item_ids):
        known = set(Item.objects.filter(pk__in=ids).order_by().values_list("pk", flat=True))
        bare = [Item(item_id=item_id, last_seen=NEVER) for item_id in ids if item_id not in known]
        Item.objects.bulk_create(bare, ignore_conflicts=True)
        added += len(bare)
    return added


def follow_pictures(index: Index, images: Path) -> tuple[int, int]:
    """Take bare rows off sale whose picture is neither in the index nor in the folder `images` any more, and back when it is.

    Nobody else speaks for them: what a scrape or a feed brought follows its shop. Returns how many went and how many came back.
    """
    if not images.is_dir():  # not mounted, perhaps
        return 0, 0
    indexed = set(index.item_ids)
    bare = Item.objects.filter(source="", last_seen=NEVER).order_by()
    on_sale = bare.filter(delisted_at=None).values_list("pk", flat=True)
    gone = [pk for pk in on_sale.iterator() if pk not in indexed and not (images / f"{pk}.jpg").is_file()]
    back = [pk for pk in bare.exclude(delisted_at=None).values_list("pk", flat=True).iterator() if pk in indexed]
    for ids in _batches(gone):
        Item.objects.filter(pk__in=ids).update(delisted_at=datetime.now(UTC))
    for ids in _batches(back):
        Item.objects.filter(pk__in=ids).update(delisted_at=None)
    return len(gone), len(back)


def write_colours(index: Index) -> int:
    """Each item's dominant colour, by name, from the extra `dominant_colour`; how many rows changed."""
    numbers = index.extras.get("dominant_colour")
    if numbers is None:
        return 0
    wanted = {item_id: COLOURS[int(number)].name for item_id, number in zip(index.item_ids, numbers, strict=True)}
    held = Item.objects.order_by().values_list("pk", "dominant_colour")
    by_name: dict[str, list[str]] = {}
    for item_id, name in held.iterator(chunk_size=10_000):
        new = wanted.get(item_id, name)
        if new != name:
            by_name.setdefault(new, []).append(item_id)
    for name, ids in by_name.items():
        for batch in _batches(ids):
            Item.objects.filter(pk__in=batch).update(dominant_colour=name)
    return sum(map(len, by_name.values()))


def write_sizes(index: Index, images: Path) -> int:
    """Width and height of the indexed previews in the folder `images`, for rows that lack them; how many were written."""
    written = 0
    for ids in _batches(index.item_ids):
        sized = []
        for item in Item.objects.filter(pk__in=ids, width=None).only("pk"):
            size = picture_size(images / f"{item.pk}.jpg")
            if size is not None:
                item.width, item.height = size
                sized.append(item)
        written += Item.objects.bulk_update(sized, ["width", "height"])
    return written


def _batches(values: Sequence[T]) -> Iterator[Sequence[T]]:
    return (values[start : start + _BATCH] for start in range(0, len(values), _BATCH))
