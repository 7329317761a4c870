"""How long the colour descriptor should be: `python -m training.colour_weight SHARED --cache DIR`.

Reads the compact network's vectors that training.table left in DIR and scores other weights of the same two parts.
The card's table was made when photos asked by the ids that end in 9 among all; now those never trained on are searched.
"""

import argparse
from pathlib import Path
from typing import Final

import numpy as np

from indexing.evaluation.scores import evaluate
from indexing.networks.compact import COLOUR_WEIGHT, UNITS
from training.table import demo, drawn_anew, held_out_photos, version

WEIGHTS: Final = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    options = parser.parse_args()
    shop = demo(Path("data/demo"))
    print("| weight | pictures | label | P@5 cosine | euclidean | manhattan |\n" + "|---" * 6 + "|")
    for catalogue in (held_out_photos(options.shared), shop, *drawn_anew(shop)):
        stem = catalogue.name.replace(" ", "-")
        vectors = np.load(options.cache / f"compact{version('compact')}-{stem}-vectors.npz")["vectors"]
        own, colour = vectors[:, :UNITS], vectors[:, UNITS:] / np.float32(COLOUR_WEIGHT)
        for kind, labels in catalogue.labels.items():
            for weight in WEIGHTS:
                joined = np.concatenate([own, colour * np.float32(weight)], axis=1)
                result = evaluate(catalogue.ids, joined, labels).overall.values()
                figures = " | ".join(f"{score.precision[5]:.3f}" for score in result)
                print(f"| {weight} | {catalogue.name} | {kind} | {figures} |")


if __name__ == "__main__":
    main()
