"""Items that programs sent through the API: their pictures fetched or unpacked, checked and written, and then their rows."""

from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from django.conf import settings
from django.db.models import F

from catalog.models import Item, PushedItem, is_item_id
from imaging.preview_size import picture_size
from scraping.errors import FetchError
from scraping.fetching.client import Fetcher
from scraping.fetching.robots import user_agent
from scraping.journal import Entry, Journal
from scraping.previews import PICTURE_TYPES, preview_jpeg, write_preview
from scraping.report import Failure, Report
from scraping.scrape import hold_folder

SOURCE: Final = "api"
MAX_BYTES: Final = 10_000_000
MAX_TRIES: Final = 5
_BATCH: Final = 50


def take_pushed(images: Path) -> Report:
    """Take up what waits; what fails stays, with its reason, and is tried five times in all.

    Raises FolderError when another run writes to the folder, DatabaseError when the database does not answer.
    """
    report = Report()
    with hold_folder(images), Journal(images) as journal:
        for origin, pushed in _by_origin():
            with _fetcher_of(origin) as fetcher:
                for item in pushed:
                    _take(item, fetcher, images, journal, report)
    return report


@contextmanager
def _fetcher_of(origin: str) -> Iterator[Fetcher | None]:
    """One fetcher a host: it waits its turn there, and keeps to that host's robots.txt. None for pictures that came along."""
    if not origin:
        yield None
        return
    with closing(Fetcher(origin, user_agent=user_agent(settings.SCRAPER_CONTACT), delay=settings.SCRAPER_DELAY)) as fetcher:
        yield fetcher


def _by_origin() -> Iterator[tuple[str, Iterable[PushedItem]]]:
    """What waits, by the host of its picture; first what brought its picture along."""
    waiting = PushedItem.objects.filter(tries__lt=MAX_TRIES)
    origins: dict[str, list[str]] = {}
    for item_id, url in waiting.values_list("pk", "picture_url"):
        origins.setdefault("{0.scheme}://{0.netloc}/".format(urlsplit(url)) if url else "", []).append(item_id)
    for origin, names in sorted(origins.items()):
        # Pictures are read a few at a time: each may be some megabytes.
        parts = (names[start : start + _BATCH] for start in range(0, len(names), _BATCH))
        yield origin, (item for part in parts for item in waiting.filter(pk__in=part))


def _take(pushed: PushedItem, fetcher: Fetcher | None, images: Path, journal: Journal, report: Report) -> None:
    try:
        if not is_item_id(pushed.pk):
            raise FetchError("a bad ItemID", pushed.pk)
        content_type, data = "", bytes(pushed.picture or b"")
        if fetcher is not None:
            answer = fetcher.get(pushed.picture_url, max_bytes=MAX_BYTES, accept=PICTURE_TYPES)
            content_type, data = answer.headers.get("content-type", ""), answer.body
        body = preview_jpeg(data, content_type)
    except FetchError as error:
        report.failures.append(Failure(pushed.pk, error.reason, error.detail))
        problem = f"{error.reason}: {error.detail}" if error.detail else error.reason
        PushedItem.objects.filter(pk=pushed.pk).update(tries=F("tries") + 1, problem=problem[:300])
        return
    write_preview(images, pushed.pk, body)
    journal.add(Entry(pushed.pk, pushed.picture_url or f"{SOURCE}:{pushed.pk}", len(body)))
    item = Item.objects.filter(pk=pushed.pk).first() or Item(item_id=pushed.pk, source=SOURCE)
    item.width, item.height = picture_size(images / f"{pushed.pk}.jpg") or (None, None)
    item.image_url = pushed.picture_url
    item.write(pushed.fields)
    # What was sent again meanwhile stays.
    PushedItem.objects.filter(pk=pushed.pk, received_at=pushed.received_at).delete()
    report.downloaded += 1
    report.bytes += len(data)
