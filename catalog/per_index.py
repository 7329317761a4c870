"""What is worked out once for each index and kept until the file changes."""

from collections.abc import Callable
from typing import Generic, TypeVar

from catalog.index_store import Loaded
from indexing.index.record import Index

T = TypeVar("T")


class PerIndex(Generic[T]):
    """Calls `make` for a new index only. Two threads that meet a new one at once both make it; the last one stays."""

    def __init__(self, make: Callable[[Index], T]) -> None:
        self._make = make
        self._kept: tuple[Index, T] | None = None

    def __call__(self, loaded: Loaded) -> T:
        return self.of(loaded.index)

    def of(self, index: Index) -> T:
        """The same for an index by itself."""
        kept = self._kept
        if kept is None or kept[0] is not index:
            kept = self._kept = (index, self._make(index))
        return kept[1]
