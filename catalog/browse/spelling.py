"""Typing errors: a word that the catalogue does not have, and the one of its own words that it was probably meant to be."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from rapidfuzz import process
from rapidfuzz.distance import OSA

from catalog.browse.facets import Facets
from catalog.browse.filters import Filters
from catalog.browse.search_text import words
from catalog.models import Item

MAX_WORDS: Final = 30_000
MAX_ROWS: Final = 200_000
MAX_LENGTH: Final = 24
_WORD: Final = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of the catalogue, most frequent first, and all of them as one text."""

    ordered: list[str]
    text: str

    def closest(self, word: str) -> str:
        """The word that was probably meant, or "". One slip in short words, two from five letters on.

        A slip is a letter too many, too few, another one, or two that changed places (optimal string alignment). Of two that
        are as close, the one that begins alike comes first, then the more frequent.
        """
        if not _WORD.fullmatch(word) or len(word) > MAX_LENGTH:
            return ""
        slips = 1 if len(word) < 5 else 2
        near = process.extract(word, self.ordered, scorer=OSA.distance, score_cutoff=slips, limit=None)
        ranked = [(distance, other[0] != word[0], place, other) for other, distance, place in near]
        # Two slips and another beginning are another word.
        return min((entry for entry in ranked if entry[0] < 2 or not entry[1]), default=(0, False, 0, ""))[3]


def make_vocabulary(texts: Iterable[str]) -> Vocabulary:
    """The 30,000 most frequent words of these folded texts."""
    # Cut at spaces first, all at once; what stands at commas and brackets is cut in what differs only.
    pieces = Counter(" ".join(texts).split())
    counts: Counter[str] = Counter()
    for piece, times in pieces.items():
        for word in _WORD.findall(piece):
            counts[word] += times
    ordered = [word for word, _count in counts.most_common(MAX_WORDS)]
    return Vocabulary(ordered, "\n".join(ordered))


_kept: tuple[tuple[int, datetime | None], Vocabulary] | None = None


def _vocabulary(facets: Facets) -> Vocabulary:
    """The catalogue's, read again when the number of items or the last scrape changes."""
    global _kept
    key, kept = (facets.total, facets.new_since), _kept
    if kept is None or kept[0] != key:
        texts = Item.objects.on_sale().order_by().values_list("search_text", flat=True)[:MAX_ROWS]
        kept = _kept = (key, make_vocabulary(texts.iterator(chunk_size=10_000)))
    return kept[1]


def respelled(filters: Filters, facets: Facets) -> Filters | None:
    """The filters with the words that were probably meant; None when none is to be had or `exact` forbids it."""
    if filters.exact or not filters.query:
        return None
    vocabulary = _vocabulary(facets)
    meant = []
    for word in words(filters.query):
        closest = word if word in vocabulary.text else vocabulary.closest(word)
        if not closest:
            return None
        meant.append(closest)
    query = " ".join(meant)
    return None if meant == words(filters.query) else replace(filters, query=query)
