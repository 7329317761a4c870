"""Drawn shirts for training, kept on disk: `python -m training.drawings CACHE --seconds 900`.

Each print is drawn twice, on two shirts, one after the other. A third of the demo's emoji (HELD_OUT) is never drawn here:
the held-out catalogue that scores the network is made of those alone. With them come KIN, emoji that the demo does not use
but that a person would put into one of its families.
"""

import argparse
import json
import time
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.drawing import EMOJI_FAMILIES, FABRICS, FAMILIES, ShirtSpec, all_glyphs, draw, random_spec, restyle

SIDE: Final = 200
DETAIL: Final = 1.25  # painted so much larger, then reduced
CAPACITY: Final = 60_000
CHUNK: Final = 50  # prints a seed
SEED: Final = 20261125
HELD_OUT: Final[dict[str, tuple[str, ...]]] = {family: glyphs[1::3] for family, glyphs in EMOJI_FAMILIES.items()}
SEEN: Final[dict[str, tuple[str, ...]]] = {
    family: tuple(glyph for glyph in glyphs if glyph not in HELD_OUT[family]) for family, glyphs in EMOJI_FAMILIES.items()
}
KIN: Final[dict[str, str]] = {
    "birds": "🐔🦃🕊🦤🪿",
    "sea life": "🦭🪼🐚🪸🦪",
    "people": "👶🧒🧑👱🧓👳👼🎅🤶🦸🦹🧙🧝🕵🙋🙎🙍",
    "fruit": "🍈🫐🍅🥥🥑🍆",
    "flowers": "🥀🪷🪻",
    "space": "🌏🌑🌒🌓🌔🌖🌗🌘🌚🌛🌜🌝⭐🌠",
}
# How often each kind of print is drawn; emoji families share theirs alike, but for those that the demo does not print.
PATTERN_SHARE, OTHER_SHARE, PLAIN_SHARE = 0.20, 0.22, 0.02
RARE: Final = ("food", "sport", "woodland")


def prints_of(family: str) -> tuple[str, ...]:
    """The emoji that training prints in this family: the demo's, less the held out, and their kin."""
    known = {character for character, _, _ in all_glyphs()}
    return (*SEEN[family], *(glyph for glyph in KIN.get(family, "") if glyph in known))


def other_glyphs() -> tuple[str, ...]:
    """Every emoji that is in none of the demo's families: known to training as itself only."""
    taken = {glyph for glyphs in (*EMOJI_FAMILIES.values(), *KIN.values()) for glyph in glyphs}
    return tuple(glyph for glyph, _, _ in all_glyphs() if glyph not in taken)


def training_spec(rng: np.random.Generator, others: tuple[str, ...]) -> tuple[ShirtSpec, str]:
    """A shirt by chance and its class: its family, or `glyph X` for an emoji outside the demo's families."""
    draw_of = rng.uniform()
    if draw_of < OTHER_SHARE:
        glyph = others[int(rng.integers(len(others)))]
        return random_spec(rng, "picture", (glyph,)), f"glyph {glyph}"
    if draw_of < OTHER_SHARE + PLAIN_SHARE:
        return random_spec(rng, "plain"), "plain"
    if draw_of < OTHER_SHARE + PLAIN_SHARE + PATTERN_SHARE:
        patterns = [family for family in FAMILIES if family not in EMOJI_FAMILIES]
        family = patterns[int(rng.integers(len(patterns)))]
        return random_spec(rng, family), family
    weights = np.array([0.5 if family in RARE else 1.0 for family in EMOJI_FAMILIES])
    family = list(EMOJI_FAMILIES)[int(rng.choice(len(weights), p=weights / weights.sum()))]
    return random_spec(rng, family, prints_of(family)), family


def picture(spec: ShirtSpec, side: int = SIDE) -> NDArray[np.uint8]:
    """A shirt as training keeps it: uint8 BGR (side, side, 3)."""
    return np.asarray(cv2.cvtColor(draw(spec, side, DETAIL), cv2.COLOR_RGB2BGR), dtype=np.uint8)


def drawn_chunk(seed: tuple[int, int]) -> tuple[NDArray[np.uint8], list[str]]:
    """CHUNK prints, each on two shirts: pictures (2 · CHUNK, SIDE, SIDE, 3), one after the other, and their classes."""
    cv2.setNumThreads(1)
    rng = np.random.default_rng(seed)
    others, fabrics = other_glyphs(), list(FABRICS)
    pixels, classes = np.empty((2 * CHUNK, SIDE, SIDE, 3), np.uint8), list[str]()
    for row in range(0, 2 * CHUNK, 2):
        spec, label = training_spec(rng, others)
        cloth = fabrics[int(rng.integers(len(fabrics)))] if label not in ("camouflage", "tie-dye") else None
        pixels[row] = picture(spec)
        pixels[row + 1] = picture(restyle(rng, spec, cloth if rng.uniform() < 0.5 else None))
        classes += [label, label]
    return pixels, classes


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--seconds", type=float, default=900)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    pixels = np.lib.format.open_memmap(options.cache / "drawn.npy", mode="w+", dtype=np.uint8, shape=(CAPACITY, SIDE, SIDE, 3))
    classes: list[str] = []
    end = time.monotonic() + options.seconds

    with get_context("spawn").Pool(options.workers) as pool:
        seeds = ((options.seed, chunk) for chunk in range(CAPACITY // (2 * CHUNK)))
        # One seed goes out with each answer: imap would ask for all of them at once.
        waiting = [pool.apply_async(drawn_chunk, (seed,)) for seed in islice(seeds, 2 * options.workers)]
        while waiting:
            drawn, labels = waiting.pop(0).get()
            pixels[len(classes) : len(classes) + len(labels)] = drawn
            classes += labels
            aside = options.cache / "drawn.json.part"
            aside.write_text(json.dumps(classes))
            aside.replace(options.cache / "drawn.json")
            if time.monotonic() < end:
                waiting += [pool.apply_async(drawn_chunk, (seed,)) for seed in islice(seeds, 1)]
    print(f"{len(classes)} drawn shirts, {len(set(classes))} classes")


if __name__ == "__main__":
    main()
