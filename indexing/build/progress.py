"""Progress for people: a bar with rate and time left where there is a terminal, a line now and then where there is none."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from tqdm import tqdm

Advance = Callable[[int], None]
Progress = Callable[[str, int, str], AbstractContextManager[Advance]]


@contextmanager
def bar(label: str, total: int, unit: str) -> Iterator[Advance]:
    """A bar of `total` `unit`s; call what it gives with how many more are done."""
    interval = 0.2 if sys.stderr.isatty() else 30
    with tqdm(total=total, desc=label, unit=f" {unit}", mininterval=interval, dynamic_ncols=True, leave=True) as shown:

        def advance(more: int) -> None:
            shown.update(more)

        yield advance


@contextmanager
def silent(label: str, total: int, unit: str) -> Iterator[Advance]:
    """No progress at all."""
    yield lambda more: None
