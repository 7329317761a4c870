"""Drawn shirts for training, kept on disk: `python -m indexing.training.drawings CACHE --seconds 900`.

Each print is drawn twice, on two shirts, one after the other. A third of the demo's emoji (HELD_OUT) is never drawn here:
the held-out catalogue that scores the network is made of those alone.
"""

import argparse
import json
import time
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from scraping.demo.drawing import EMOJI_FAMILIES, FABRICS, FAMILIES, ShirtSpec, all_glyphs, draw, random_spec, restyle

SIDE: Final = 160
CAPACITY: Final = 30_000
SEED: Final = 20261123
HELD_OUT: Final[dict[str, tuple[str, ...]]] = {family: glyphs[1::3] for family, glyphs in EMOJI_FAMILIES.items()}
SEEN: Final[dict[str, tuple[str, ...]]] = {
    family: tuple(glyph for glyph in glyphs if glyph not in HELD_OUT[family]) for family, glyphs in EMOJI_FAMILIES.items()
}


def other_glyphs() -> tuple[str, ...]:
    """Every emoji that is in none of the demo's families: known to training as itself only."""
    taken = {glyph for glyphs in EMOJI_FAMILIES.values() for glyph in glyphs}
    return tuple(glyph for glyph, _, _ in all_glyphs() if glyph not in taken)


def training_spec(rng: np.random.Generator, others: tuple[str, ...]) -> tuple[ShirtSpec, str]:
    """A shirt by chance and its class: its family, or `glyph X` for an emoji outside the demo's families."""
    draw_of = rng.uniform()
    if draw_of < 0.30:
        glyph = others[int(rng.integers(len(others)))]
        return random_spec(rng, "picture", (glyph,)), f"glyph {glyph}"
    if draw_of < 0.33:
        return random_spec(rng, "plain"), "plain"
    families = list(EMOJI_FAMILIES) if draw_of < 0.75 else [family for family in FAMILIES if family not in EMOJI_FAMILIES]
    family = families[int(rng.integers(len(families)))]
    return random_spec(rng, family, SEEN.get(family)), family


def held_out_spec(rng: np.random.Generator) -> tuple[ShirtSpec, str]:
    """A shirt of the held-out catalogue: a demo family, its held-out emoji only."""
    family = FAMILIES[int(rng.integers(len(FAMILIES)))]
    return random_spec(rng, family, HELD_OUT.get(family)), family


def picture(spec: ShirtSpec, side: int = SIDE) -> NDArray[np.uint8]:
    """A shirt as training keeps it: uint8 BGR (side, side, 3)."""
    return np.asarray(cv2.cvtColor(draw(spec, side, 1.5), cv2.COLOR_RGB2BGR), dtype=np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--seconds", type=float, default=900)
    parser.add_argument("--seed", type=int, default=SEED)
    options = parser.parse_args()
    cv2.setNumThreads(1)
    rng = np.random.default_rng(options.seed)
    others, fabrics = other_glyphs(), list(FABRICS)
    pixels = np.lib.format.open_memmap(options.cache / "drawn.npy", mode="w+", dtype=np.uint8, shape=(CAPACITY, SIDE, SIDE, 3))
    count, classes = 0, []
    end = time.monotonic() + options.seconds
    while count < CAPACITY and time.monotonic() < end:
        spec, label = training_spec(rng, others)
        cloth = fabrics[int(rng.integers(len(fabrics)))] if label not in ("camouflage", "tie-dye") else None
        for view in (spec, restyle(rng, spec, cloth if rng.uniform() < 0.5 else None)):
            pixels[count] = picture(view)
            classes.append(label)
            count += 1
        if count % 200 == 0:
            aside = options.cache / "drawn.json.part"
            aside.write_text(json.dumps(classes))
            aside.replace(options.cache / "drawn.json")
    print(f"{count} drawn shirts, {len(set(classes))} classes")


if __name__ == "__main__":
    main()
