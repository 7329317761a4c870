"""Pictures of met products: fetched by a few workers, checked, written, then noted in the journal and the rows."""

from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Event
from typing import Final, Protocol

from scraping.catalogue_rows import Rows, owners
from scraping.errors import FetchError, StoppedError
from scraping.fetching.client import Fetched
from scraping.journal import Entry, Journal
from scraping.previews import PICTURE_TYPES, preview_jpeg, write_preview
from scraping.report import Failure, Report
from scraping.storefronts.base import Card

_AHEAD: Final = 4  # pictures waiting for each worker, so that a slow page does not starve them nor a fast one fill the memory


class PictureFetcher(Protocol):
    """What downloads need of a fetcher."""

    @property
    def stop(self) -> Event:
        """Once set, every wait ends with StoppedError."""
        ...

    def get(self, url: str, *, max_bytes: int, accept: str, headers: Mapping[str, str] | None = None) -> Fetched:
        """The answer for `url`; raises FetchError."""
        ...


@dataclass(frozen=True, slots=True)
class DownloadOptions:
    """Where previews go and how they are fetched. `max_bytes`: the largest picture. `refresh`: ask about known ones too."""

    images: Path
    workers: int = 4
    max_bytes: int = 10_000_000
    refresh: bool = False


class Downloads:
    """Takes cards and sees to it that each has its preview and its row. Workers fetch and write pictures; rows and journal
    belong to the thread that calls. `lasting_url` gives the address to keep for one that was asked for.
    """

    def __init__(
        self,
        fetcher: PictureFetcher,
        journal: Journal,
        rows: Rows,
        report: Report,
        options: DownloadOptions,
        *,
        lasting_url: Callable[[str], str] = str,
        on_progress: Callable[[Report], None] = lambda _: None,
    ) -> None:
        self._fetcher, self._journal, self._rows, self._report = fetcher, journal, rows, report
        self._options, self._lasting_url, self._on_progress = options, lasting_url, on_progress
        self._under_way: dict[Future[tuple[Entry, int]], Card] = {}
        self._pool = ThreadPoolExecutor(options.workers, thread_name_prefix="picture")

    def add(self, cards: Iterable[Card]) -> None:
        """Take met products. Waits while too many pictures are under way."""
        cards = list(cards)
        held = owners((card.item_id for card in cards), self._rows.source)
        for card in cards:
            if card.item_id in held:
                detail = f"{held[card.item_id]} sells another item under it: give an id_prefix in a profile"
                self._report.failures.append(Failure(card.item_id, "the id belongs to another shop", detail))
                continue
            entry = self._journal.stored(card.item_id)
            if entry and entry.url == self._lasting_url(card.image_url) and not self._options.refresh:
                self._keep(card, entry)
                continue
            self._under_way[self._pool.submit(self._fetch, card, entry)] = card
            self._collect(at_most=_AHEAD * self._options.workers)

    def finish(self) -> None:
        """Wait for every picture that is under way."""
        self._collect(at_most=0)

    def close(self) -> None:
        """Finished or not: keep what has arrived. What is under way ends soon, since every wait heeds the fetcher's `stop`."""
        self._fetcher.stop.set()
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._on_progress = lambda _: None
        self._collect(at_most=0)
        self._rows.flush()

    def _collect(self, at_most: int) -> None:
        """Take in finished pictures, waiting until no more than `at_most` are under way."""
        while self._under_way:
            done = {future for future in self._under_way if future.done()}
            if not done and len(self._under_way) <= at_most:
                return
            for future in done or wait(self._under_way, return_when=FIRST_COMPLETED).done:
                self._settle(self._under_way.pop(future), future)
                self._on_progress(self._report)

    def _settle(self, card: Card, future: Future[tuple[Entry, int]]) -> None:
        if future.cancelled():
            return
        try:
            entry, received = future.result()
        except StoppedError:
            return
        except FetchError as error:
            self._report.failures.append(Failure(card.item_id, error.reason, error.detail))
            former = self._journal.stored(card.item_id)
            if former is not None:
                # The shop still sells it and its former preview is here: the row stays, and the next run tries again.
                self._rows.add(self._lasting(card, former), picture_is_new=False)
            return
        self._report.bytes += received
        if received == 0:
            self._keep(card, entry)
            return
        self._journal.add(entry)
        self._report.downloaded += 1
        self._rows.add(self._lasting(card, entry), picture_is_new=True)

    def _keep(self, card: Card, entry: Entry) -> None:
        self._report.kept += 1
        self._rows.add(self._lasting(card, entry), picture_is_new=False)

    def _lasting(self, card: Card, entry: Entry) -> Card:
        return replace(card, url=self._lasting_url(card.url), image_url=entry.url)

    def _fetch(self, card: Card, former: Entry | None) -> tuple[Entry, int]:
        """In a worker: fetch, check and write one picture. Returns its entry and the bytes received, 0 if unchanged."""
        url = self._lasting_url(card.image_url)
        conditions = {}
        if former is not None and former.url == url:
            conditions = {"If-None-Match": former.etag, "If-Modified-Since": former.modified}
        answer = self._fetcher.get(
            card.image_url,
            max_bytes=self._options.max_bytes,
            accept=PICTURE_TYPES,
            headers={name: value for name, value in conditions.items() if value},
        )
        if answer.status == 304 and former is not None:
            return former, 0
        body = preview_jpeg(answer.body, answer.headers.get("content-type", ""))
        write_preview(self._options.images, card.item_id, body)
        headers = answer.headers
        entry = Entry(card.item_id, url, len(body), headers.get("etag", ""), headers.get("last-modified", ""))
        return entry, len(answer.body)
