"""Styles: the words of the owner's list that set an item apart, as the encoder's text tower sees them.

The list is a text file, a word or a few a line, `#` before a remark. An item gets the one word whose cosine with its picture
stands out most over that of the other items. No word stands out for many items, and they get none.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from django.conf import settings
from numpy.typing import NDArray

from catalog.index_store import Loaded, file_stamp
from catalog.models import STYLE_LENGTH, Item
from catalog.words.combining import unit
from catalog.words.vectors import embed_here, reads_words
from indexing.errors import EngineError, WeightsError
from indexing.index.record import Index
from indexing.nearest.half import products, row_norms

log = logging.getLogger(__name__)
MOST: Final = 200
MOST_BYTES: Final = 64 * 1024
LEAST: Final = 1.0  # standard deviations by which a word must stand out
_BATCH: Final = 500


class StyleWordsError(Exception):
    """A list of styles that cannot be used: one line that names it and the way out."""


def read_style_words(path: Path) -> list[str]:
    """The words of the list at `path`, each once. Raises StyleWordsError."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise StyleWordsError(f"{path} is longer than {MOST_BYTES // 1024} kB: keep at most {MOST} words.")
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise StyleWordsError(f"{path} cannot be read ({error.strerror}): mend STYLE_WORDS, or leave it out.") from error
    except UnicodeDecodeError as error:
        raise StyleWordsError(f"{path} is not UTF-8: save it as UTF-8.") from error
    lines = (" ".join(line.partition("#")[0].split()) for line in text.splitlines())
    words = list(dict.fromkeys(line for line in lines if line))
    long = next((word for word in words if len(word) > STYLE_LENGTH), None)
    if long is not None:
        raise StyleWordsError(f"{path}: {long[:30]!r}… is longer than {STYLE_LENGTH} letters: one style a line.")
    if len(words) > MOST:
        raise StyleWordsError(f"{path} holds {len(words)} styles: keep at most {MOST}.")
    return words


def styles_of(vectors: NDArray[np.float32], words: Sequence[NDArray[np.float32]]) -> NDArray[np.int64]:
    """For each of n vectors, float32 (n, d), the number of the word, float32 (d,), that sets it apart; −1 for none."""
    best, chosen = np.full(len(vectors), LEAST), np.full(len(vectors), -1, np.int64)
    lengths = row_norms(vectors)
    for number, word in enumerate(words):
        along = np.asarray(products(vectors, unit(word)[np.newaxis])[:, 0], np.float64)
        cosines = np.divide(along, lengths, out=np.zeros(len(vectors)), where=lengths > 0)
        deviation = float(cosines.std())
        if deviation < 1e-6:  # the word says the same of all
            continue
        apart = (cosines - cosines.mean()) / deviation
        better = apart > best
        best[better], chosen[better] = apart[better], number
    return chosen


def write_styles(index: Index, path: Path) -> int:
    """Each item's style by the list that STYLE_WORDS names, "" where it names none; how many rows changed.

    path: the index's file. A list or an encoder that cannot be used is logged, and the styles stay as they are.
    """
    if settings.STYLE_WORDS is None:
        return Item.objects.exclude(style="").update(style="")
    try:
        words = read_style_words(settings.STYLE_WORDS)
        if not reads_words(index):
            raise StyleWordsError(
                "STYLE_WORDS needs an index that reads words: build it with an encoder that has a text tower."
            )
        loaded = Loaded(index, file_stamp(path))
        numbers = styles_of(index.vectors, [embed_here(loaded, word) for word in words])
    except (StyleWordsError, EngineError, WeightsError) as error:
        log.warning("Styles stay as they are: %s", error)
        return 0
    wanted = {item_id: words[number] if number >= 0 else "" for item_id, number in zip(index.item_ids, numbers, strict=True)}
    by_style: dict[str, list[str]] = {}
    for item_id, style in Item.objects.order_by().values_list("pk", "style").iterator(chunk_size=10_000):
        new = wanted.get(item_id, "")
        if new != style:
            by_style.setdefault(new, []).append(item_id)
    for style, ids in by_style.items():
        for start in range(0, len(ids), _BATCH):
            Item.objects.filter(pk__in=ids[start : start + _BATCH]).update(style=style)
    return sum(map(len, by_style.values()))
