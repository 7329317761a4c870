"""The parts of a photo that may be searched with: their names, and which of them was asked for."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

from django.utils.translation import gettext as _

from catalog.errors import BadParameterError
from indexing.index.record import Index
from indexing.networks.names import FINDING_BOXES

AUTO: Final = "auto"
OWN: Final = "own"
_ASKED: Final = re.compile(r"auto|whole|(?:print|garment)(?:-[1-9])?")


Kind = Literal["print", "garment", "whole"]


Box = tuple[Kind, float, float, float, float, float]  # of `indexing.networks.boxes`: kind, score, left, top, right, bottom


@dataclass(frozen=True, slots=True)
class NamedBox:
    """A box and its name among those of its photo: "print-1", "print-2", "garment-1", "whole".

    score: how certain, 0 … 1; left … bottom: shares of the upright picture; alone: whether it is the only one of its kind.
    """

    name: str
    kind: Kind
    score: float
    left: float
    top: float
    right: float
    bottom: float
    alone: bool

    @property
    def label(self) -> str:
        """Its name in words."""
        number = "" if self.alone else f" {self.name.rpartition('-')[2]}"
        return f"{_KINDS[self.kind]()}{number}"


_KINDS: Final = {"print": lambda: _("Print"), "garment": lambda: _("Garment"), "whole": lambda: _("Whole picture")}


def heading_of(kind: Kind) -> str:
    """What stands above the results for a box of this kind."""
    if kind == "print":
        return _("Looks like the print")
    return _("Looks like the garment") if kind == "garment" else _("Looks like the picture")


def finds_boxes(index: Index) -> bool:
    """Whether the network that made the index looks for boxes."""
    return index.manifest.get("network") in FINDING_BOXES


def named_boxes(boxes: Sequence[Box]) -> list[NamedBox]:
    """The boxes of a photo with their names; those of a kind stand together, the surest first."""
    named: list[NamedBox] = []
    for kind, group in groupby(boxes, key=lambda box: box[0]):
        alike = list(group)
        for number, box in enumerate(alike, 1):
            named.append(NamedBox(kind if kind == "whole" else f"{kind}-{number}", *box, alone=len(alike) == 1))
    return named


def parse_box(text: str) -> str:
    """`auto`, `whole`, `print`, `print-2`, `garment` …; "" is `auto`. Raises BadParameterError."""
    if text and not _ASKED.fullmatch(text):
        raise BadParameterError("box: use auto, whole, print, garment, or one of several by its number, such as print-2.")
    return text or AUTO


def chosen_box(boxes: Sequence[NamedBox], asked: str) -> NamedBox:
    """The box that was asked for; by `auto` the surest print, the whole where there is none. Raises BadParameterError."""
    if asked == AUTO:
        return next((named for named in boxes if named.kind == "print"), boxes[-1])
    name = asked if asked == "whole" or "-" in asked else f"{asked}-1"
    for named in boxes:
        if named.name == name:
            return named
    raise BadParameterError(f"box: this photo has no {name}: use one of {', '.join(named.name for named in boxes)}.")
