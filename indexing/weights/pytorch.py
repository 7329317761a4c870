"""PyTorch's old file format (`torch.save` before 1.6) read without PyTorch: tensors by name, and nothing else.

Five pickles follow one another: a magic number, the protocol's number, facts about the machine that wrote it, the state dict,
and the list of storage keys. Then, for each key, an int64 count and the raw little-endian numbers. A pickle can run code when
it is opened, so the reader here knows only the four names that a state dict needs, and its time and memory are bounded.
Source: torch/serialization.py, `_legacy_load`.
"""

import io
import math
import pickle
from collections import OrderedDict
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexing.bounded_unpickler import DAMAGE, BoundedUnpickler, Instructions, RefusedError
from indexing.errors import WeightsError

MAGIC: Final = 0x1950A86A20F9469CFC6C
PROTOCOL: Final = 1001
MOST_BYTES: Final = 1 << 30  # of one file: what is far beyond any network this is meant for is refused unread
DTYPES: Final[dict[str, np.dtype[Any]]] = {"FloatStorage": np.dtype("<f4"), "LongStorage": np.dtype("<i8")}


class _StorageType(NamedTuple):
    dtype: np.dtype[Any]


class _Tensor(NamedTuple):
    """Where a tensor's numbers lie in the storage `key`: the first at `offset`, the steps from one to the next by axis."""

    key: str
    dtype: np.dtype[Any]
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


def _tensor(
    storage: tuple[str, np.dtype[Any]], offset: int, shape: tuple[int, ...], strides: tuple[int, ...], *_: Any
) -> _Tensor:
    """Stands for `torch._utils._rebuild_tensor_v2`."""
    if len(shape) != len(strides) or min((int(offset), *map(int, shape), *map(int, strides))) < 0:
        raise pickle.UnpicklingError("a tensor of impossible shape")
    return _Tensor(*storage, int(offset), tuple(map(int, shape)), tuple(map(int, strides)))


class _StateReader(BoundedUnpickler):
    NAMES: Final[Mapping[tuple[str, str], Callable[..., Any] | _StorageType]] = {
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _tensor,
        ("torch", "FloatStorage"): _StorageType(DTYPES["FloatStorage"]),
        ("torch", "LongStorage"): _StorageType(DTYPES["LongStorage"]),
    }
    dispatch = Instructions(BoundedUnpickler.dispatch)
    dispatch[pickle.BINPERSID[0]] = pickle._Unpickler.dispatch[pickle.BINPERSID[0]]

    def find_class(self, module: str, name: str) -> Any:
        try:
            return self.NAMES[module, name]
        except KeyError:
            raise RefusedError(f"{module}.{name} has no place in a state dict") from None

    def persistent_load(self, pid: Any) -> tuple[str, np.dtype[Any]]:
        match pid:
            case ("storage", _StorageType(dtype), str(key), str(), int(), *_):
                return key, dtype
        raise RefusedError("an unknown kind of storage")

    def load_reduce(self) -> None:
        arguments, function = self.stack.pop(), self.stack.pop()
        if function is OrderedDict and arguments == ():
            self.append(OrderedDict())
        elif function is _tensor and isinstance(arguments, tuple):
            self.append(_tensor(*arguments))
        else:
            raise RefusedError("a call that has no place in a state dict")

    def load_build(self) -> None:
        """PyTorch hangs the versions of its layers on the state dict; they are not needed."""
        self.stack.pop()
        if not isinstance(self.stack[-1], OrderedDict):
            raise RefusedError("an object whose state has no place in a state dict")

    dispatch[pickle.REDUCE[0]] = load_reduce
    dispatch[pickle.BUILD[0]] = load_build


def read_state(path: Path) -> dict[str, NDArray[np.generic]]:
    """The tensors of a `.pth` file by name: float32 or int64 arrays, each owning its numbers.

    Raises WeightsError when the file is missing, is of another format, is damaged, or holds anything but tensors.
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise WeightsError(f"{path} has {size:,} bytes: more than any network that is read here.")
        return _state(io.BytesIO(path.read_bytes()), size)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}.") from error
    except (RefusedError, *DAMAGE) as error:
        raise WeightsError(f"{path} is not a readable PyTorch weights file, or damaged: {error}") from error


def _state(file: BinaryIO, size: int) -> dict[str, NDArray[np.generic]]:
    magic, protocol, _machine, state, keys = (_StateReader(file, size).load() for _ in range(5))
    if magic != MAGIC or protocol != PROTOCOL or not isinstance(state, dict) or not isinstance(keys, list):
        raise ValueError("its first words are not those of the old format")
    tensors = {str(name): tensor for name, tensor in state.items() if isinstance(tensor, _Tensor)}
    dtypes = {tensor.key: tensor.dtype for tensor in tensors.values()}
    if sum(math.prod(tensor.shape) * tensor.dtype.itemsize for tensor in tensors.values()) > MOST_BYTES:
        raise ValueError("its tensors are larger than those of any network that is read here")
    storages = {key: _storage(file, dtypes[key]) for key in keys}
    return {name: _numbers(storages[tensor.key], tensor, name) for name, tensor in tensors.items()}


def _storage(file: BinaryIO, dtype: np.dtype[Any]) -> NDArray[np.generic]:
    header = file.read(8)
    count = int.from_bytes(header, "little", signed=True)
    data = file.read(max(count, 0) * dtype.itemsize)
    if len(header) < 8 or count < 0 or len(data) != count * dtype.itemsize:
        raise ValueError("it ends too early")
    return np.frombuffer(data, dtype)


def _numbers(storage: NDArray[np.generic], tensor: _Tensor, name: str) -> NDArray[np.generic]:
    if 0 in tensor.shape:
        return np.empty(tensor.shape, tensor.dtype)
    last = tensor.offset + sum((length - 1) * step for length, step in zip(tensor.shape, tensor.strides, strict=True))
    if last >= len(storage) or np.prod(tensor.shape, dtype=np.float64) > len(storage):
        raise ValueError(f"{name} lies outside its storage")
    steps = [step * storage.itemsize for step in tensor.strides]
    return np.lib.stride_tricks.as_strided(storage[tensor.offset :], tensor.shape, steps, writeable=False).copy()
