"""Weights drawn at random, for trying things out: He's initialisation, the same for a seed everywhere."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from indexing.weights.record import Layer, Table, Weights


@dataclass(frozen=True, slots=True)
class RandomReader:
    """Normal kernels of variance 2 / fan-in (He et al., 2015), zero biases; each layer has its own stream of the seed."""

    seed: int

    def check(self, table: Table) -> None:
        """Nothing can be missing."""

    def layers(self, table: Table) -> Iterator[tuple[str, Layer]]:
        """See `Reader.layers`."""
        for number, (name, (kernel_shape, bias_shape)) in enumerate(table.items()):
            random = np.random.Generator(np.random.PCG64(np.random.SeedSequence([self.seed, number])))
            kernel = random.standard_normal(kernel_shape, dtype=np.float32)
            kernel *= np.float32(np.sqrt(2.0 / np.prod(kernel_shape[:-1])))
            yield name, Layer(kernel, np.zeros(bias_shape, dtype=np.float32))


def random_weights(network_name: str, seed: int) -> Weights:
    """Untrained weights. The digest is that of the recipe, NumPy's version included: its streams may change with it."""
    version = ".".join(np.__version__.split(".")[:2])
    recipe = f"he-normal v1, PCG64, numpy {version}, {network_name}, seed {seed}"
    digest = hashlib.sha256(recipe.encode()).hexdigest()
    return Weights("random", digest, trained=False, source="random", reader=RandomReader(seed), seed=seed)
