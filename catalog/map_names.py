"""Names for the map's regions: a category that most of its items share, else the title words that set it apart. Pure."""

import re
from collections import Counter
from collections.abc import Sequence
from math import log
from typing import Final, NamedTuple

MOST_SHARE: Final = 0.5
LEAST_SHARE: Final = 0.12
LEAST_LIFT: Final = 1.5
SECOND: Final = 0.6
_WORD = re.compile(r"[^\W\d_]{3,}(?:['’][^\W\d_]+)?")


class Told(NamedTuple):
    """What is known of an item that can name a region."""

    title: str
    category: str


def title_words(title: str) -> list[str]:
    """The words of a title, folded, each once: numbers and short words name nothing."""
    return list(dict.fromkeys(_WORD.findall(title.casefold())))


def name_regions(regions: Sequence[Sequence[Told]]) -> list[str]:
    """A name for each region ("" where nothing sets it apart): no name twice, the larger region keeps it."""
    everything = [told for region in regions for told in region]
    words = Counter(word for told in everything for word in title_words(told.title))
    categories = Counter(told.category for told in everything if told.category)
    names: list[str] = [""] * len(regions)
    taken: set[str] = set()
    for at in sorted(range(len(regions)), key=lambda at: (-len(regions[at]), at)):
        choices = [_category(regions[at], categories), *_words(regions[at], words, len(everything))]
        names[at] = next((name for name in choices if name and name.casefold() not in taken), "")
        taken.add(names[at].casefold())
    return names


def _category(region: Sequence[Told], everywhere: Counter[str]) -> str:
    """The category of most of the region, unless the whole catalogue is of one."""
    if len(everywhere) < 2 or not region:
        return ""
    name, count = Counter(told.category for told in region).most_common(1)[0]
    return name if count > MOST_SHARE * len(region) else ""


def _words(region: Sequence[Told], everywhere: Counter[str], total: int) -> list[str]:
    """Names made of title words, best first: often here, rarer elsewhere."""
    here = Counter(word for told in region for word in title_words(told.title))
    scores: dict[str, float] = {}
    for word, count in here.items():
        share, usual = count / len(region), everywhere[word] / total
        if count > 1 and share >= LEAST_SHARE and share >= LEAST_LIFT * usual:
            scores[word] = count * log(share / usual)
    best = sorted(scores, key=lambda word: (-scores[word], word))[:6]
    if len(best) > 1 and scores[best[1]] >= SECOND * scores[best[0]]:
        return [f"{best[0]}, {best[1]}".capitalize(), *(word.capitalize() for word in best)]
    return [word.capitalize() for word in best]
