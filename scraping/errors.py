"""What can go wrong in scraping. The command turns these into `CommandError`; an item's own go to the summary."""


class ScrapingError(Exception):
    """Base: one line that names the thing and the way out."""


class SourceError(ScrapingError):
    """A SOURCE that is no URL, no profile and not `demo`."""


class ProfileError(ScrapingError):
    """A site profile that is missing, not TOML, or holds a wrong key or selector."""


class FeedError(ScrapingError):
    """A feed that is missing, of no known format, or that cannot be read on."""


class FolderError(ScrapingError):
    """An images folder that cannot be written, or that another scrape is writing."""


class FetchError(ScrapingError):
    """A URL that could not be had. `reason` is short and the same for the same trouble, so that it can be counted."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason = reason
        self.detail = detail


class StoppedError(ScrapingError):
    """The run was interrupted while this was under way."""


class PictureError(FetchError):
    """An answer that is no usable picture."""
