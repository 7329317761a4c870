"""Weights in NumPy's own archive: the network that comes with the product, a few megabytes of half floats or bytes."""

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from indexing.errors import WeightsError
from indexing.weights.record import Label, Layer, Shape, Table, Weights, check_shape

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class NpzReader:
    """Reads `<layer>/kernel` and `<layer>/bias`, float; an int8 kernel is scaled by `<layer>/scale`, float32 (out,)."""

    path: Path

    def check(self, table: Table) -> None:
        """See `Reader.check`."""
        for _ in self.layers(table):
            pass

    def layers(self, table: Table) -> Iterator[tuple[str, Layer]]:
        """See `Reader.layers`."""
        try:
            with np.load(self.path, allow_pickle=False) as archive:
                for name, shapes in table.items():
                    yield name, _layer(archive, name, shapes, str(self.path))
        except FileNotFoundError:
            raise WeightsError(f"{self.path}: there is no such weights file.") from None
        except KeyError as error:
            raise WeightsError(f"{self.path}: {error.args[0]}") from error
        except (OSError, ValueError, zipfile.BadZipFile) as error:
            raise WeightsError(f"{self.path} is not a readable weights file (.npz), or damaged: {error}") from error


def _layer(archive: Any, name: str, shapes: tuple[Shape, Shape], where: str) -> Layer:
    kernel = np.asarray(archive[f"{name}/kernel"])
    scaled = kernel.astype(np.float32) * (archive[f"{name}/scale"] if kernel.dtype == np.int8 else np.float32(1))
    layer = Layer(scaled.astype(np.float32, copy=False), np.asarray(archive[f"{name}/bias"], dtype=np.float32))
    for part, expected, array in zip(("kernel", "bias"), shapes, layer, strict=True):
        check_shape(name, part, expected, array.shape, where)
    return layer


def bundled_path(network: str) -> Path:
    """Where a network's bundled weights are, if it has any."""
    return FOLDER / f"{network}.npz"


def bundled_weights(network: str, table: Table) -> Weights:
    """The weights that came with the product. Raises WeightsError when this network has none."""
    path = bundled_path(network)
    if not path.is_file():
        raise WeightsError(f"No weights come with the network {network}: choose --weights imagenet, random or a file.")
    return _weights("bundled", "bundled", path, table)


def bundled_file(path: Path, table: Table) -> Weights:
    """A person's own file in the bundled format."""
    return _weights("file", str(path.resolve()), path.resolve(), table)


def _weights(label: Label, source: str, path: Path, table: Table) -> Weights:
    reader = NpzReader(path)
    reader.check(table)
    return Weights(label, hashlib.sha256(path.read_bytes()).hexdigest(), trained=True, source=source, reader=reader)
