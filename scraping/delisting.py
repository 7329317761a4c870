"""Taking items off sale that the shop no longer shows: only after a run that can prove that it missed nothing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from catalog.models import Item

MOST_SHARE: Final = 0.2  # of a category that one walk may take off sale


@dataclass(frozen=True, slots=True)
class Delisting:
    """What a walk took off sale. `unmet` of `known` items were not met; `refusal` says why they stay on sale all the same."""

    delisted: int = 0
    unmet: int = 0
    known: int = 0
    refusal: str = ""


def delist_unmet(
    source: str, before: datetime, now: datetime, *, doubts: Sequence[str] = (), most_share: float = MOST_SHARE
) -> Delisting:
    """Mark the items of `source` last met before `before` as gone; they stay in the catalogue, and come back when met again.

    Nothing is marked when there is a doubt that the walk saw everything, or when more than `most_share` (0 to 1) of what was
    known before would go: a shop that shows half of its goods is more often a fault than a clearance sale.
    """
    on_sale = Item.objects.filter(source=source, delisted_at=None)
    unmet = on_sale.filter(last_seen__lt=before)
    gone, known = unmet.count(), on_sale.filter(first_seen__lt=before).count()
    if not gone:
        return Delisting()
    refusal = "; ".join(doubts)
    if not refusal and gone > most_share * known:
        share = math.ceil(100 * gone / known)
        refusal = (
            f"they are {share} % of the {known:,} known before, more than {100 * most_share:g} %: "
            f"if they are really gone, run again with --allow-delisting {share}"
        )
    if refusal:
        return Delisting(0, gone, known, refusal)
    return Delisting(unmet.update(delisted_at=now), gone, known)
