"""Weights in HDF5: Keras's files of every age and the article's own. Found by layout, checked by shape, then read.

Nothing but arrays is ever deserialised: of a `.keras` archive only `model.weights.h5` is opened; its configuration, which may
hold code, is left alone.
"""

import math
import re
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexing.errors import WeightsError
from indexing.weights.record import Layer, Shape, Table, aligned, check_shape

Pairs = dict[str, tuple[Any, Any]]  # layer name → (kernel, bias), h5py datasets
KERAS_ARCHIVE_MEMBER: Final = "model.weights.h5"
MOST_LAYERS: Final = 10_000
LARGEST: Final = 4  # times the layers' own size: Adam keeps two numbers beside each, and a classifier may follow
ROOM: Final = 64 * 2**20
_DAMAGE: Final = (
    OSError, KeyError, ValueError, TypeError, AttributeError, MemoryError, RuntimeError, NotImplementedError,
    zlib.error, zipfile.BadZipFile,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Hdf5Reader:
    """Reads `path`: `.h5` of keras.applications or a whole saved model, `.weights.h5`, `.keras`, or the article's format."""

    path: Path

    def check(self, table: Table) -> None:
        """See `Reader.check`; raises WeightsError also for a file that is not HDF5 or of no known layout."""
        with _opened(self.path, table) as file:
            _checked(file, table, self.path)

    def layers(self, table: Table) -> Iterator[tuple[str, Layer]]:
        """See `Reader.layers`."""
        with _opened(self.path, table) as file:
            theano, pairs = _checked(file, table, self.path)
            for name, channels in _channels_before(table).items():
                yield name, _layer(pairs[name], channels, theano)


def _layer(pair: tuple[Any, Any], channels: int, theano: bool) -> Layer:
    kernel, bias = pair
    if theano and channels:
        return Layer(_from_channels_first(kernel, channels), _read(bias))
    return Layer(_flipped(_read(kernel)) if theano and kernel.ndim == 4 else _read(kernel), _read(bias))


def _read(dataset: Any) -> NDArray[np.float32]:
    numbers = aligned(dataset.shape)
    dataset.read_direct(numbers)
    return numbers


@contextmanager
def _opened(path: Path, table: Table) -> Iterator[Any]:
    """The open HDF5 file; also turns what h5py says of a damaged one, then or while it is read, into a WeightsError."""
    import h5py

    try:
        if zipfile.is_zipfile(path):
            with (
                tempfile.TemporaryDirectory() as folder,
                zipfile.ZipFile(path) as archive,
                h5py.File(_extracted(archive, folder, table), "r") as file,
            ):
                yield file
        else:
            with h5py.File(path, "r") as file:
                yield file
    except FileNotFoundError:
        raise WeightsError(f"{path}: there is no such weights file.") from None
    except _DAMAGE as error:
        raise WeightsError(f"{path} is not a readable weights file (HDF5 or .keras), or damaged: {error}") from error


def _extracted(archive: zipfile.ZipFile, folder: str, table: Table) -> str:
    """The path of the archive's weights, unpacked unless they take far more room than the table's layers can."""
    most = ROOM + LARGEST * sum(_bytes(shape) for shapes in table.values() for shape in shapes)
    size = archive.getinfo(KERAS_ARCHIVE_MEMBER).file_size
    if size > most:
        raise ValueError(f"{KERAS_ARCHIVE_MEMBER} unpacks to {size:,} bytes, more than such a network needs")
    return archive.extract(KERAS_ARCHIVE_MEMBER, folder)


def _bytes(shape: Shape) -> int:
    return 4 * math.prod(shape)


def _require_plain(dataset: Any, name: str) -> None:
    """Numbers that lie in this file, in pieces no larger than they are: reading takes no more memory than the layer."""
    if dataset.dtype.kind not in "fiu" or dataset.is_virtual or dataset.external:
        raise ValueError(f"{name} is not numbers kept in this file")
    if dataset.chunks is not None and _bytes(dataset.chunks) > ROOM + 2 * _bytes(dataset.shape):
        raise ValueError(f"{name} is kept in pieces larger than itself")


def _checked(file: Any, table: Table, path: Path) -> tuple[bool, Pairs]:
    """Whether the file is in Theano's layout, and where each layer of the table is, shapes compared."""
    theano = "nb_layers" in file.attrs
    groups = _article_layers(file) if theano else _keras_layers(file)
    if not groups:
        raise WeightsError(f"{path}: no layers found; expected a Keras VGG-16 file or the article's (nb_layers).")
    # Names decide where the file knows them; files that number their layers are taken in order.
    pairs = groups if set(table) & set(groups) else dict(zip(table, groups.values(), strict=False))
    for name, (kernel_shape, bias_shape) in table.items():
        if name not in pairs:
            top = name.startswith(("fc", "dense"))
            hint = "a file without the top layers (notop) will not do, take the full one" if top else "is it another network's?"
            raise WeightsError(f"{path}: the layer {name} is missing ({hint}).")
        kernel, bias = pairs[name]
        expected = (*kernel_shape[:1:-1], *kernel_shape[:2]) if theano and len(kernel_shape) == 4 else kernel_shape
        check_shape(name, "kernel", expected, kernel.shape, str(path))
        check_shape(name, "bias", bias_shape, bias.shape, str(path))
        _require_plain(kernel, name)
        _require_plain(bias, name)
    return theano, pairs


def _article_layers(file: Any) -> Pairs:
    """layer_0 … in order, those with two parameters; padding, pooling, flatten and dropout layers are counted but hold none."""
    count = int(file.attrs["nb_layers"])
    if not 0 <= count <= MOST_LAYERS:
        raise ValueError(f"it claims {count} layers")
    groups = [file.get(f"layer_{number}") for number in range(count)]
    held = [group for group in groups if group is not None and int(group.attrs.get("nb_params", 0)) == 2]
    return {f"layer {number}": (group["param_0"], group["param_1"]) for number, group in enumerate(held)}


def _keras_layers(file: Any) -> Pairs:
    root = file.get("model_weights", file)  # a whole model saved by Keras 2 keeps its weights one level down
    if "layer_names" in root.attrs:
        return _legacy_layers(root)
    return _keras3_layers(root)


def _legacy_layers(root: Any) -> Pairs:
    """Keras 1 and 2: the attributes name the layers in order, and each layer's arrays, wherever they are nested."""
    pairs: Pairs = {}
    for raw in root.attrs["layer_names"]:
        layer = _text(raw)
        group = root[layer]
        arrays = [group[_text(name)] for name in group.attrs.get("weight_names", ())]
        if len(arrays) == 2:
            pairs[layer] = (arrays[0], arrays[1])
    return pairs


def _keras3_layers(root: Any) -> Pairs:
    """Keras 3: layers/<class>[_<n>]/vars/0 and 1, numbered by class; the layer's own name is kept as an attribute, or not."""
    entries: list[tuple[int, int, Any]] = []
    for key, group in root.get("layers", {}).items():
        match = re.fullmatch(r"(conv2d|dense)(?:_(\d+))?", key)
        if match and len(group.get("vars", ())) == 2:
            entries.append((("conv2d", "dense").index(match[1]), int(match[2] or 0), group["vars"]))
    entries.sort(key=lambda entry: entry[:2])
    names = [_text(entry[2].attrs.get("name", "")) for entry in entries]
    keys = names if all(names) and len(set(names)) == len(names) else [f"layer {number}" for number in range(len(entries))]
    return {key: (entry[2]["0"], entry[2]["1"]) for key, entry in zip(keys, entries, strict=True)}


def _text(value: bytes | str) -> str:
    return value.decode() if isinstance(value, bytes) else value


def _channels_before(table: Table) -> dict[str, int]:
    """For the first dense layer of a network, the channels of the map that was flattened for it; 0 for every other layer."""
    channels: dict[str, int] = {}
    last = 0
    for name, (kernel_shape, _) in table.items():
        dense = len(kernel_shape) == 2
        channels[name] = last if dense else 0
        last = 0 if dense else kernel_shape[3]
    return channels


def _flipped(kernel: NDArray[np.float32]) -> NDArray[np.float32]:
    """Theano's (out, in, h, w) of a true convolution, which turns the kernel by 180° → (h, w, in, out) of a correlation."""
    return np.ascontiguousarray(kernel[:, :, ::-1, ::-1].transpose(2, 3, 1, 0))


def _from_channels_first(kernel: Any, channels: int) -> NDArray[np.float32]:
    """A dense kernel fed by a flattened map, its rows in Theano's order (channel, row, column) → (row, column, channel).

    Read channel by channel, so that the 411 MB of `fc1` are in memory once.
    """
    rows, units = kernel.shape
    side = round((rows / channels) ** 0.5)
    numbers = aligned((side, side, channels, units))
    for channel in range(channels):
        numbers[:, :, channel] = kernel[channel * side * side : (channel + 1) * side * side].reshape(side, side, units)
    return numbers.reshape(rows, units)
