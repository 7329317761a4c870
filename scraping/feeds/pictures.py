"""Pictures that lie beside a feed, read as if a shop had sent them."""

import os
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final
from urllib.parse import unquote, unquote_to_bytes, urlsplit

from scraping.downloads import PictureFetcher
from scraping.errors import FetchError
from scraping.fetching.client import Fetched
from scraping.storefronts.base import Card, Unreadable

SCHEME: Final = "file:"


class LocalPictures:
    """Reads `file:` addresses below `folder` and hands all others to `fetcher`."""

    def __init__(self, fetcher: PictureFetcher, folder: Path | None) -> None:
        self._fetcher = fetcher
        self._folder = folder.resolve() if folder is not None else None
        self.stop = fetcher.stop

    def get(self, url: str, *, max_bytes: int, accept: str, headers: Mapping[str, str] | None = None) -> Fetched:
        """The answer for `url`; raises FetchError."""
        if not url.startswith(SCHEME):
            return self._fetcher.get(url, max_bytes=max_bytes, accept=accept, headers=headers)
        path = self._path(url)
        try:
            size = path.stat().st_size
            if size > max_bytes:
                raise FetchError("too large", f"{size:,} bytes, the limit is {max_bytes:,}")
            return Fetched(url, 200, {}, path.read_bytes())
        except OSError as error:
            raise FetchError("the picture cannot be read", f"{path}: {error.strerror or error}") from None

    def stamped(self, card: Card | Unreadable) -> Card | Unreadable:
        """The card, its local picture's address with size and time of change, so that a changed file is read again."""
        if not isinstance(card, Card) or not card.image_url.startswith(SCHEME):
            return card
        try:
            stat = self._path(card.image_url).stat()
        except (OSError, FetchError):
            return card
        return replace(card, image_url=f"{card.image_url}?{stat.st_size:x}-{stat.st_mtime_ns:x}")

    def _path(self, url: str) -> Path:
        """The file of an address. Raises FetchError for one outside the folder."""
        if self._folder is None:
            raise FetchError("a path instead of an address", f"{unquote(url)}: only a feed on this machine may name files")
        path = (self._folder / os.fsdecode(unquote_to_bytes(urlsplit(url).path))).resolve()
        if not path.is_relative_to(self._folder):
            raise FetchError("a path outside the feed's folder", f"{unquote(urlsplit(url).path)}: see --pictures")
        if not path.is_file():
            raise FetchError("the picture is not there", f"{path}")
        return path
