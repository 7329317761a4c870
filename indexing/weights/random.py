"""Weights drawn at random, for trying things out: He's initialisation, the same for a seed everywhere."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indexing.weights.record import Layer, Shape, Table, Weights, aligned


@dataclass(frozen=True, slots=True)
class RandomReader:
    """Normal kernels of variance 2 / fan-in (He et al., 2015), zero biases; each layer has its own stream of the seed."""

    seed: int

    def check(self, table: Table) -> None:
        """Nothing can be missing."""

    def layers(self, table: Table) -> Iterator[tuple[str, Layer]]:
        """See `Reader.layers`."""
        for number, (name, (kernel_shape, bias_shape)) in enumerate(table.items()):
            yield name, Layer(_kernel(self.seed, number, kernel_shape), np.zeros(bias_shape, dtype=np.float32))


def _kernel(seed: int, number: int, shape: Shape) -> NDArray[np.float32]:
    random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, number])))
    kernel = random.standard_normal(shape, dtype=np.float32, out=aligned(shape))
    kernel *= np.float32(np.sqrt(2.0 / np.prod(shape[:-1])))
    return kernel


def random_weights(network_name: str, seed: int) -> Weights:
    """Untrained weights. The digest is that of the recipe, NumPy's version included: its streams may change with it."""
    version = ".".join(np.__version__.split(".")[:2])
    recipe = f"he-normal v1, PCG64, numpy {version}, {network_name}, seed {seed}"
    digest = hashlib.sha256(recipe.encode()).hexdigest()
    return Weights("random", digest, trained=False, source="random", reader=RandomReader(seed), seed=seed)
