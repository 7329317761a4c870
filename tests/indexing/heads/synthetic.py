"""Vectors as lite0's are, blocks of known lengths, of items whose category is written small among larger noise."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from indexing.networks.lite0 import BLOCKS, unit

NOISE = 24  # numbers of a block that have noise: what lies nearest is a matter of it


def vectors(categories: Sequence[str], seed: int = 1, signal: float = 3.0) -> NDArray[np.float32]:
    """float32 (n, 939): the look of each item points a little along its category's own axis; its kinds say nothing."""
    random = np.random.default_rng(seed)
    axes = {name: number for number, name in enumerate(sorted(set(categories)))}
    parts = []
    for block in BLOCKS:
        part = np.zeros((len(categories), block.stop - block.start), np.float32)
        if block.name == "kind":
            part += 1
        else:
            noise = min(NOISE, part.shape[1] - len(axes))
            part[:, len(axes) : len(axes) + noise] = random.normal(size=(len(part), noise))
        if block.name == "look":
            for row, name in enumerate(categories):
                part[row, axes[name]] += signal
        parts.append(np.float32(block.weight) * unit(part))
    return np.concatenate(parts, axis=1)
