"""Words that the catalogue does not have: the one of its own words that each was probably meant to be, or other letters."""

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
FEW: Final = 3
_EXAMPLES: Final = 4
_ALIKE: Final = 0.05
_WORD: Final = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """The words of the catalogue, most frequent first, and all of them as one text."""

    ordered: list[str]
    text: str

    def has(self, word: str) -> bool:
        """Whether `word` is one of them, whole."""
        return f"\n{word}\n" in f"\n{self.text}\n"

    def begins(self, word: str) -> bool:
        """Whether one of them begins with `word`."""
        return f"\n{word}" in f"\n{self.text}"

    def in_other_letters(self, query: str) -> bool:
        """Whether fewer than one word in twenty shares a letter with this query: it is written in another script."""
        letters = {letter for letter in query if letter.isalpha()}
        if not letters or not self.ordered:
            return False
        return sum(1 for word in self.ordered if not letters.isdisjoint(word)) < _ALIKE * len(self.ordered)

    @property
    def examples(self) -> list[str]:
        """Some of the most frequent words, of at least three letters."""
        return self.ordered[:_EXAMPLES]

    def closest(self, word: str, most: int = 2) -> str:
        """The word that was probably meant, or "". One slip in short words, two from five letters on; never more than `most`.

        A slip is a letter too many, too few, another one, or two that changed places (optimal string alignment). Of two that
        are as close, the one that begins alike comes first, then the more frequent.
        """
        if not _WORD.fullmatch(word) or len(word) > MAX_LENGTH:
            return ""
        slips = min(most, 1 if len(word) < 5 else 2)
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


def other_letters(filters: Filters, facets: Facets) -> list[str]:
    """Words as this catalogue writes them, for a query in letters that it does not use; else none."""
    vocabulary = _vocabulary(facets)
    return vocabulary.examples if vocabulary.in_other_letters("".join(words(filters.query))) else []


def offered(filters: Filters, facets: Facets, found: int) -> Filters | None:
    """What was perhaps meant where something was found all the same: "catt" is inside "scattered". None for nothing.

    Doubted is a word that is none of the catalogue's and begins none, or of which FEW items were found; one slip is mended.
    """
    if filters.exact or not filters.query:
        return None
    vocabulary, asked = _vocabulary(facets), words(filters.query)
    doubted = {word for word in asked if not vocabulary.has(word) and (found <= FEW or not vocabulary.begins(word))}
    meant = [(vocabulary.closest(word, most=1) or word) if word in doubted else word for word in asked]
    return None if meant == asked else replace(filters, query=" ".join(meant))


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
