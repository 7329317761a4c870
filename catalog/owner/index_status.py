"""What the owner sees of the index: network, age, size, what was left out, and which command to run."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.conf import settings
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from catalog.index_store import get_index
from catalog.models import Item
from catalog.owner.runs import network_name
from indexing.errors import IndexFileError

SKIPPED_SHOWN: Final = 50
COMMAND: Final = ".venv/bin/python manage.py build_index"


@dataclass(frozen=True, slots=True)
class IndexStatus:
    """problem: why there is no index, or ""; behind: items on sale that the index does not hold."""

    problem: str = ""
    network: str = ""
    trained: bool = True
    items: int = 0
    megabytes: float = 0.0
    created: datetime | None = None
    skipped: list[tuple[str, str]] = field(default_factory=list)
    skipped_count: int = 0
    behind: int = 0
    command: str = COMMAND


def read_index_status() -> IndexStatus:
    """The index that this process serves."""
    try:
        index = get_index()
    except IndexFileError as error:
        return IndexStatus(problem=str(error))
    manifest = index.manifest
    skipped = manifest.get("skipped")
    pairs = sorted((str(name), str(reason)) for name, reason in skipped.items()) if isinstance(skipped, dict) else []
    created = parse_datetime(str(manifest.get("created", "")))
    on_sale = Item.objects.filter(delisted_at=None).order_by().values_list("pk", flat=True)
    try:
        size = settings.INDEX_PATH.stat().st_size / 1e6
    except OSError:
        size = 0.0
    return IndexStatus(
        network=network_name(manifest),
        trained=manifest.get("trained") is not False,
        items=len(index),
        megabytes=size,
        created=timezone.make_aware(created) if created is not None and timezone.is_naive(created) else created,
        skipped=pairs[:SKIPPED_SHOWN],
        skipped_count=len(pairs),
        behind=sum(1 for item_id in on_sale.iterator(chunk_size=10_000) if item_id not in index.rows),
    )
