"""Weights in NumPy's own archive: the network that comes with the product, a few megabytes of half floats or bytes."""

import hashlib
import math
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexing.errors import WeightsError
from indexing.weights.record import Label, Layer, Shape, Table, Weights, check_shape

_DAMAGE: Final = (OSError, ValueError, EOFError, NotImplementedError, RuntimeError, zlib.error, zipfile.BadZipFile)
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
            with zipfile.ZipFile(self.path) as archive:
                for name, shapes in table.items():
                    yield name, _layer(archive, name, shapes, str(self.path))
        except FileNotFoundError:
            raise WeightsError(f"{self.path}: there is no such weights file.") from None
        except KeyError as error:
            raise WeightsError(f"{self.path}: {error.args[0]}") from error
        except _DAMAGE as error:
            raise WeightsError(f"{self.path} is not a readable weights file (.npz), or damaged: {error}") from error


def _layer(archive: zipfile.ZipFile, name: str, shapes: tuple[Shape, Shape], where: str) -> Layer:
    kernel = _array(archive, f"{name}/kernel", shapes[0], where)
    scale = _array(archive, f"{name}/scale", shapes[1], where) if kernel.dtype == np.int8 else np.float32(1)
    scaled = (kernel.astype(np.float32) * scale).astype(np.float32, copy=False)
    return Layer(scaled, _array(archive, f"{name}/bias", shapes[1], where).astype(np.float32))


def _array(archive: zipfile.ZipFile, key: str, shape: Shape, where: str) -> NDArray[Any]:
    """One array of numbers. Its shape is compared before a number is read: an archive may unpack to any size."""
    with archive.open(f"{key}.npy") as file:
        if np.lib.format.read_magic(file) != (1, 0):
            raise ValueError(f"{key} is no array of NumPy's first format")
        actual, fortran, dtype = np.lib.format.read_array_header_1_0(file)
        if dtype.kind not in "fiu":
            raise ValueError(f"{key} holds no numbers but {dtype}")
        layer, _, part = key.rpartition("/")
        check_shape(layer, part, shape, actual, where)
        data = file.read(math.prod(shape) * dtype.itemsize)
    return np.frombuffer(data, dtype).reshape(shape, order="F" if fortran else "C")


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
