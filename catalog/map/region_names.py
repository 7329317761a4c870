"""Names for the map's regions: a style of the owner's list, else categories that most share, else words, else colours.

Pure: texts in, names out.
"""

import re
from collections import Counter
from collections.abc import Sequence
from itertools import combinations
from math import log
from typing import Final, NamedTuple

MOST_SHARE: Final = 0.5
LEAST_SHARE: Final = 0.12
LEAST_LIFT: Final = 1.5
STYLE_SHARE: Final = 0.3
SECOND: Final = 0.6
MOST_NUMBERED: Final = 100
# Words that only join others, of the site's two languages; those of two letters name nothing anyway.
_ENGLISH = "all and any but few for from has her his its nor not off our out the their this with you your"
_RUSSIAN = "без вам вас все для его или как над она они при про так тот что это"
FUNCTION_WORDS: Final = frozenset(f"{_ENGLISH} {_RUSSIAN}".split())
_WORD = re.compile(r"[^\W\d_]{3,}(?:['’][^\W\d_]+)?")


class ItemText(NamedTuple):
    """What is known of an item that can name a region."""

    title: str
    category: str
    colour: str = ""
    style: str = ""


def title_words(title: str) -> list[str]:
    """The words of a title, folded, each once: numbers, short words and those that only join others name nothing."""
    return [word for word in dict.fromkeys(_WORD.findall(title.casefold())) if word not in FUNCTION_WORDS]


def name_regions(regions: Sequence[Sequence[ItemText]]) -> list[str]:
    """A name for each region: no name twice, the larger region keeps it; "" only where nothing at all is known."""
    all_items = [item for region in regions for item in region]
    words = Counter(word for item in all_items for word in title_words(item.title))
    categories = Counter(item.category for item in all_items if item.category)
    styles = Counter(item.style for item in all_items if item.style)
    names: list[str] = [""] * len(regions)
    taken: set[str] = set()
    for number in sorted(range(len(regions)), key=lambda number: (-len(regions[number]), number)):
        region = regions[number]
        choices = [
            *_styles(region, styles, len(all_items)),
            *_categories(region, categories),
            *_words(region, words, len(all_items)),
            *_colours(region),
        ]
        names[number] = next((name for name in choices if name and name.casefold() not in taken), "")
        taken.add(names[number].casefold())
    return names


def _styles(region: Sequence[ItemText], everywhere: Counter[str], total: int) -> list[str]:
    """The styles of the owner's list that are at home here, the commonest first."""
    inside = Counter(item.style for item in region if item.style)
    least = [max(STYLE_SHARE, LEAST_LIFT * everywhere[style] / total) for style in inside]
    kept = [style for style, share in zip(inside, least, strict=True) if inside[style] >= share * len(region)]
    return [style.capitalize() for style in sorted(kept, key=lambda style: (-inside[style], style))]


def _categories(region: Sequence[ItemText], everywhere: Counter[str]) -> list[str]:
    """The category of most of the region, or the two that are most of it together, where the catalogue has others as well."""
    commonest = Counter(item.category for item in region if item.category).most_common(2)
    for count in (1, 2):
        if len(everywhere) > count and sum(shared for _, shared in commonest[:count]) > MOST_SHARE * len(region):
            return [", ".join(name for name, _ in commonest[:count])]
    return []


def _words(region: Sequence[ItemText], everywhere: Counter[str], total: int) -> list[str]:
    """Names made of title words, best first: often here, rarer elsewhere."""
    inside = Counter(word for item in region for word in title_words(item.title))
    scores: dict[str, float] = {}
    for word, count in inside.items():
        share, usual = count / len(region), everywhere[word] / total
        if count > 1 and share >= LEAST_SHARE and share >= LEAST_LIFT * usual:
            scores[word] = count * log(share / usual)
    best = sorted(scores, key=lambda word: (-scores[word], word))[:6]
    if len(best) > 1 and scores[best[1]] >= SECOND * scores[best[0]]:
        return [f"{best[0]}, {best[1]}".capitalize(), *(word.capitalize() for word in best)]
    return [word.capitalize() for word in best]


def _colours(region: Sequence[ItemText]) -> list[str]:
    """Its commonest colours, one, then pairs; then the first one numbered, so that a region is never without a name."""
    commonest = [colour for colour, _ in Counter(item.colour for item in region if item.colour).most_common(4)]
    if not commonest:
        return []
    pairs = [f"{first}, {second}" for first, second in combinations(commonest, 2)]
    numbered = [f"{commonest[0]} {number}" for number in range(2, MOST_NUMBERED)]
    return [name.capitalize() for name in (commonest[0], *pairs, *numbered)]
