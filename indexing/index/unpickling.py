"""Reading joblib's pickles without running what is in them.

A pickle is a program: opening one may import any module and call anything in it. An index needs dicts, strings, numbers and
NumPy arrays of numbers, so this reader knows those and nothing else. It never imports a name that a file asks for: the few
names that joblib writes for an array become inert tokens, and only the instructions that plain data needs are carried out.
Arrays of an uncompressed file are mapped, not read: processes that open the same file share one copy.
"""

import math
import mmap
import os
import pickle
import re
import stat
from enum import Enum
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from indexing.bounded_unpickler import DAMAGE, BoundedUnpickler, Instructions, RefusedError
from indexing.index import decompression

_CHUNK: Final = 2**24
_ALIGNMENT: Final = 16
_MAX_SIDES: Final = 8
_USUAL_RATIO: Final = 4  # how far ids and vectors shrink at most; zeros do more, instructions need not
_DTYPE: Final = re.compile(r"b1|[iu][1248]|f[248]|[US]\d{1,5}")


class _Name(Enum):
    """What stands for the classes that joblib and NumPy name in a file."""

    ARRAY = "array"
    SUBCLASS = "subclass"
    DTYPE = "dtype"
    SCALAR = "scalar"


_NAMES: Final = {
    ("joblib.numpy_pickle", "NumpyArrayWrapper"): _Name.ARRAY,
    ("numpy", "ndarray"): _Name.SUBCLASS,
    ("numpy", "memmap"): _Name.SUBCLASS,
    ("numpy.core.memmap", "memmap"): _Name.SUBCLASS,
    ("numpy._core.memmap", "memmap"): _Name.SUBCLASS,
    ("numpy", "dtype"): _Name.DTYPE,
    ("numpy.core.multiarray", "scalar"): _Name.SCALAR,
    ("numpy._core.multiarray", "scalar"): _Name.SCALAR,
}


class _Dtype:
    """A dtype while its two instructions are read: its name, then its byte order."""

    def __init__(self, name: object) -> None:
        if not isinstance(name, str) or _DTYPE.fullmatch(name) is None:
            raise RefusedError(f"it holds an array of dtype {name!r}; an index has arrays of numbers and text only")
        self.dtype: np.dtype[Any] = np.dtype(name)

    def order(self, state: object) -> None:
        if not isinstance(state, tuple) or len(state) < 2 or state[1] not in ("<", ">", "=", "|"):
            raise RefusedError("it holds a dtype that is not a plain one")
        if state[1] in "<>":
            self.dtype = self.dtype.newbyteorder(state[1])


class _Array:
    """An array's header before its state is known."""


class _Reader(BoundedUnpickler):
    dispatch = Instructions(BoundedUnpickler.dispatch)

    def __init__(self, file: IO[bytes], mapped: mmap.mmap | None, size: int) -> None:
        """size: of the file; mapped: None when it is compressed, and `file` its content."""
        super().__init__(file, size if mapped is not None else _USUAL_RATIO * size)
        self._array_file = file
        self._mapped = mapped
        self._largest_array = size if mapped is not None else decompression.max_unpacked(size)

    def find_class(self, module: str, name: str) -> Any:
        token = _NAMES.get((module, name))
        if token is None:
            raise RefusedError(f"it asks for {module}.{name}, which an index does not need")
        return token

    def load_newobj(self) -> None:
        arguments, name = self.stack.pop(), self.stack.pop()
        if name is not _Name.ARRAY or arguments != ():
            raise RefusedError("it makes an object that an index does not need")
        self.append(_Array())

    dispatch[pickle.NEWOBJ[0]] = load_newobj

    def load_reduce(self) -> None:
        arguments, name = self.stack.pop(), self.stack.pop()
        if name is _Name.DTYPE and isinstance(arguments, tuple) and arguments:
            self.append(_Dtype(arguments[0]))
        elif name is _Name.SCALAR and isinstance(arguments, tuple) and len(arguments) == 2 and isinstance(arguments[0], _Dtype):
            self.append(np.frombuffer(arguments[1], arguments[0].dtype, count=1)[0].item())
        else:
            raise RefusedError("it makes a call that an index does not need")

    dispatch[pickle.REDUCE[0]] = load_reduce

    def load_build(self) -> None:
        state, thing = self.stack.pop(), self.stack[-1]
        if isinstance(thing, _Dtype):
            thing.order(state)
        elif isinstance(thing, _Array) and isinstance(state, dict):
            self.stack[-1] = self._array(state)
        else:
            raise RefusedError("it sets the state of an object that an index does not need")

    dispatch[pickle.BUILD[0]] = load_build

    def _array(self, state: dict[Any, Any]) -> NDArray[Any]:
        holder, shape, order = state.get("dtype"), state.get("shape"), state.get("order")
        if not isinstance(holder, _Dtype) or not isinstance(shape, tuple) or order not in ("C", "F"):
            raise RefusedError("it holds an array whose description is damaged")
        if len(shape) > _MAX_SIDES or not all(type(side) is int and side >= 0 for side in shape):
            raise RefusedError(f"it holds an array of shape {str(shape)[:100]}")
        if state.get("numpy_array_alignment_bytes") is not None:  # joblib before 1.2 did not align
            self._array_file.read(self._array_file.read(1)[0])
        flat = self._flat(holder.dtype, math.prod(shape))
        array = flat.reshape(shape, order=order)
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))

    def _flat(self, dtype: np.dtype[Any], count: int) -> NDArray[Any]:
        size = count * dtype.itemsize
        if self._mapped is not None:
            start = self._array_file.tell()
            if start + size > len(self._mapped):
                raise EOFError
            self._array_file.seek(size, os.SEEK_CUR)
            values: NDArray[Any] = np.frombuffer(self._mapped, dtype, count, start) if count else np.empty(0, dtype)
            # Compiled loops and BLAS want aligned rows; only files of old joblibs are not.
            return values if start % _ALIGNMENT == 0 else values.copy()
        if size > self._largest_array:
            raise RefusedError(f"it claims an array of {size:,} bytes, too many for its size")
        raw = bytearray()
        while len(raw) < size:  # grows as bytes come, so that a short file cannot claim much memory
            chunk = self._array_file.read(min(_CHUNK, size - len(raw)))
            if not chunk:
                raise EOFError
            raw += chunk
        return np.frombuffer(raw, dtype, count) if count else np.empty(0, dtype)


_DAMAGE: Final = (*DAMAGE, *decompression.DAMAGE)


def read_plain(path: Path) -> Any:
    """What joblib.dump wrote to `path`: None, booleans, numbers, str, bytes, list, tuple, dict and arrays of numbers and text.

    Arrays of an uncompressed file are read-only views of the mapped file; of a compressed one they are in memory. Time and
    memory are bounded by the file's size: `indexing.bounded_unpickler`, `indexing.index.decompression`.
    Raises RefusedError with the reason when it holds anything else, ends early or is no pickle; OSError when it cannot be read.
    """
    if not stat.S_ISREG(path.stat().st_mode):  # opening a pipe would wait for its writer
        raise RefusedError("it is not a file")
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size == 0:
            raise RefusedError("it is empty")
        stream = decompression.unpacked(file, size)
        try:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if stream is None else None
            content = _Reader(stream or file, mapped, size).load()
            if (stream or file).read(1):  # at a compressed stream's end, this also compares its checksum
                raise RefusedError("it goes on after its end")
            if stream is not None and file.read(1):
                raise RefusedError("it goes on after its end")
            return content
        except EOFError:
            raise RefusedError("it ends early") from None
        except OSError as error:
            if stream is None:
                raise
            raise RefusedError(f"its compressed stream is damaged ({error})") from None
        except _DAMAGE as error:
            raise RefusedError(f"it is damaged or not a joblib file ({type(error).__name__}: {str(error)[:200]})") from None
