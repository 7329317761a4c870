"""A family of cards: elements of one page that are built alike and show one product each."""

from dataclasses import dataclass, field
from typing import Final

from bs4 import Tag

_FEWEST_PLAIN: Final = 2  # pictures with links alone, no price and no mark of a product, must repeat


@dataclass(slots=True)
class Member:
    """One card of a family: its element, the address of its product's page, and whether it shows a price."""

    element: Tag
    url: str
    priced: bool = False


@dataclass(slots=True)
class Family:
    """Cards that are built alike. `priced`, `marked`, `listed`: how many show a price, are named a product, stand in JSON-LD.

    bare: elements of the same build with a link and a price but no picture; unlinked: with picture and price but no link.
    left_out: how many more cards there are than one page is read for.
    """

    path: str
    members: list[Member]
    priced: int = 0
    marked: int = 0
    listed: int = 0
    bare: list[Member] = field(default_factory=list)
    unlinked: list[Tag] = field(default_factory=list)
    left_out: int = 0

    @property
    def score(self) -> float:
        """What families are compared by: each card counts for its price, its place in JSON-LD and its marks."""
        share = self.priced / max(1, len(self.members))
        return 3 * self.priced * share + 3 * self.listed + 0.5 * self.marked + 0.01 * min(len(self.members), 50)

    @property
    def plausible(self) -> bool:
        """Whether these can be products at all: a single card, or cards without a price, must be marked as one."""
        if self.priced or self.listed:
            return True
        return self.marked > 0 or len(self.members) >= _FEWEST_PLAIN
