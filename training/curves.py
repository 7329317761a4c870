"""The course of a run, drawn: `python -m training.curves curve.csv curves.svg`. Needs matplotlib."""

import argparse
import csv
from pathlib import Path
from typing import Final

COLUMNS: Final = ("step", "pictures", "seconds", "side", "teacher", "label", "family", "pair", "photos", "new", "unseen")

SCORES: Final = {
    "photos": "photos, ids ending in 9, among some",
    "new": "new prints of known emoji, 15 families",
    "unseen": "unseen emoji, 15 families",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("curve", type=Path)
    parser.add_argument("svg", type=Path)
    options = parser.parse_args()
    import matplotlib as mpl

    mpl.use("svg")
    import matplotlib.pyplot as plt

    with options.curve.open(newline="") as lines:
        rows = [dict(zip(COLUMNS, map(float, row), strict=True)) for row in csv.reader(lines) if row[0] != "step"]
    minutes = [row["seconds"] / 60 for row in rows]
    figure, (losses, scores) = plt.subplots(1, 2, figsize=(9, 3.2))
    for name in ("teacher", "label", "family", "pair"):
        losses.plot(minutes, [row[name] for row in rows], marker=".", label=name)
    for name, words in SCORES.items():
        scores.plot(minutes, [row[name] for row in rows], marker=".", label=words)
    losses.set(title="losses (running means)", xlabel="minutes of the clock")
    scores.set(title="P@5, network's part alone, moving average", xlabel="minutes of the clock", ylim=(0, 1))
    for axes in (losses, scores):
        axes.legend(fontsize=8, frameon=False)
        axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(options.svg)


if __name__ == "__main__":
    main()
