"""What can go wrong on the site, each error with its HTTP status. `catalog/rendering/error_pages.py` renders them."""

from dataclasses import dataclass
from typing import ClassVar, Final

from django.db import InterfaceError, OperationalError
from django.utils.translation import gettext as _

from indexing.errors import EngineError, IndexFileError, WeightsError

INDEX_RETRY_S: Final = 60
DATABASE_RETRY_S: Final = 5
# What is raised when the database is gone, restarts, or has no room for one more.
DATABASE_DOWN: Final[tuple[type[Exception], ...]] = (OperationalError, InterfaceError)


class SiteError(Exception):
    """Base: one line that names the thing and the way out. retry_after: in how many seconds to try again, if that helps."""

    status: ClassVar[int] = 400
    retry_after: int | None = None


class BadParameterError(SiteError):
    """A parameter that cannot be read: the line names it and what it may be."""

    status = 422


class UnknownItemError(SiteError):
    """Neither the index nor the catalogue has this id."""

    status = 404

    def __init__(self, item_id: str) -> None:
        self.item_id = item_id[:64]
        super().__init__(f"No item {self.item_id!r}: /api/v1/items lists those there are.")


class NoVectorError(SiteError):
    """The catalogue has the item, the index has not."""

    status = 404

    def __init__(self, item_id: str) -> None:
        super().__init__(f"Item {item_id!r} has no vector yet: build the index again with `python manage.py build_index`.")


@dataclass(frozen=True, slots=True)
class Problem:
    """What a program is told of an error."""

    status: int
    detail: str
    retry_after: int | None = None


# The errors of `indexing`, which knows nothing of HTTP.
_INDEXING: Final[dict[type[Exception], tuple[int, int | None]]] = {
    IndexFileError: (503, INDEX_RETRY_S),
    EngineError: (503, None),
    WeightsError: (503, None),
}
RENDERED: Final[tuple[type[Exception], ...]] = (SiteError, *_INDEXING, *DATABASE_DOWN)


def problem_of(error: Exception) -> Problem:
    """Status and words of an error of one of the classes in RENDERED. Raises TypeError for another one."""
    if isinstance(error, SiteError):
        return Problem(error.status, str(error), error.retry_after)
    if isinstance(error, DATABASE_DOWN):
        # Not the error's own words: they name hosts and ports.
        return Problem(503, _("The catalogue does not answer just now: try again in a moment."), DATABASE_RETRY_S)
    for kind, (status, retry_after) in _INDEXING.items():
        if isinstance(error, kind):
            return Problem(status, str(error), retry_after)
    raise TypeError(f"{type(error).__name__} has no HTTP status.")
