"""How far a walk came, and whether it can prove that it missed nothing."""

from dataclasses import dataclass, field
from typing import Final

MOST_PAGES: Final = 10_000


@dataclass(slots=True)
class Walk:
    """How far a walk came.

    ended: the last page was reached. doubts: why it may have missed products all the same. complete: it can prove that it
    missed none, so what it did not meet is no longer there. platform: the shop system behind the pages, "" where none is seen.
    is_closed: the first page is the password page of a shop that is not open to the public.
    """

    pages: int = 0
    ended: bool = False
    trouble: str = ""
    note: str = ""
    hint: str = ""
    doubts: list[str] = field(default_factory=list)
    platform: str = ""
    is_closed: bool = False

    @property
    def complete(self) -> bool:
        return self.ended and not self.trouble and not self.doubts
