"""A learned head: a shop's own categories, told from lite0's vector by one linear map, in the vector beside its generic kinds.

A vector with a head is lite0's own, its block `kind` SHRUNK, and behind it a block `category` that takes the rest of the kind's
weight. Every other block keeps its very bytes and the whole its length of 1. SHRUNK is a power of two, so that lite0's vector
can be had back exactly, and another head needs no picture to be read again.
"""

import hashlib
import io
import math
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexing.networks.lite0 import BLOCKS, LITE0, kind_block

NETWORK: Final = LITE0.spec.name
DIM: Final = LITE0.spec.dim
KIND: Final = next(block for block in BLOCKS if block.name == "kind")
SHRUNK: Final = 0.25
WEIGHT: Final = KIND.weight * math.sqrt(1 - SHRUNK**2)  # of the block `category` in a vector of length 1
_ROWS: Final = 4096
_DAMAGE: Final = (OSError, ValueError, KeyError, EOFError, NotImplementedError, RuntimeError, zlib.error, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True, eq=False)
class Head:
    """categories: what it tells apart, K names; kernel: float32 (DIM, K) and bias: float32 (K,), from lite0's vectors to their
    logits; weights: the digest of the network's weights; preprocessing: the network's."""

    categories: tuple[str, ...]
    kernel: NDArray[np.float32]
    bias: NDArray[np.float32]
    weights: str
    preprocessing: str = LITE0.spec.preprocessing

    @property
    def digest(self) -> str:
        """sha256 hex of `to_bytes()`: part of a vector's identity."""
        return hashlib.sha256(self.to_bytes()).hexdigest()

    @property
    def dim(self) -> int:
        """Numbers in a vector that has the block `category`."""
        return DIM + len(self.categories)

    def manifest(self) -> dict[str, Any]:
        """What an index's manifest keeps of it."""
        return {"digest": self.digest, "categories": list(self.categories)}

    def fits(self, network: str, weights: str, preprocessing: str) -> bool:
        """Whether it was learned on vectors of this network, with these weights."""
        return (network, weights, preprocessing) == (NETWORK, self.weights, self.preprocessing)

    def fill(self, vectors: NDArray[np.float32]) -> None:
        """Turn rows (n, dim) whose first DIM numbers are lite0's vectors into vectors with this head, in place."""
        for start in range(0, len(vectors), _ROWS):
            rows = vectors[start : start + _ROWS]
            # A row at a time: in one product a row's last bits would depend on how many others there are.
            logits = np.stack([row[:DIM] @ self.kernel for row in rows]) + self.bias
            rows[:, DIM:] = np.float32(WEIGHT) * kind_block(logits)
            rows[:, KIND.start : KIND.stop] *= np.float32(SHRUNK)

    def applied(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """lite0's vectors (n, DIM) → vectors with this head (n, dim), of the same length."""
        filled = self.padded(vectors)
        self.fill(filled)
        return filled

    def padded(self, queries: NDArray[np.float32]) -> NDArray[np.float32]:
        """Queries (q, DIM) that say nothing of a kind, such as those for a print → (q, dim): they say nothing of a category."""
        return np.pad(queries, ((0, 0), (0, len(self.categories))))

    def to_bytes(self) -> bytes:
        """NumPy's archive. Equal heads, equal bytes."""
        file = io.BytesIO()
        names = np.array([self.weights, self.preprocessing])
        np.savez(file, kernel=self.kernel, bias=self.bias, categories=np.array(self.categories), network=names)
        return file.getvalue()


def read_head(data: bytes) -> Head:
    """The head that `to_bytes` wrote. Raises ValueError for anything else."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            kernel, bias, categories, network = (arrays[name] for name in ("kernel", "bias", "categories", "network"))
    except _DAMAGE as error:
        raise ValueError(f"it is damaged ({error})") from error
    shapes = (kernel.shape, bias.shape, categories.shape, network.shape)
    if shapes != ((DIM, len(bias)), (len(bias),), (len(bias),), (2,)) or (kernel.dtype, bias.dtype) != (np.float32, np.float32):
        raise ValueError(f"its arrays have the shapes {shapes}")
    weights, preprocessing = map(str, network)
    return Head(tuple(map(str, categories)), kernel, bias, weights, preprocessing)


def head_digest(manifest: Mapping[str, Any]) -> str:
    """The digest of the learned head in the vectors of the index with this manifest; "" where there is none."""
    head = manifest.get("head")
    return str(head.get("digest", "")) if isinstance(head, dict) else ""


def head_width(manifest: Mapping[str, Any]) -> int:
    """How many numbers it takes there."""
    head = manifest.get("head")
    return len(head.get("categories", ())) if isinstance(head, dict) else 0


def without_head(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors with a head (n, d) → lite0's own (n, DIM), to the bit."""
    own = np.array(vectors[:, :DIM])
    own[:, KIND.start : KIND.stop] /= np.float32(SHRUNK)
    return own
