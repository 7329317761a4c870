"""Reading joblib's pickles without running what is in them.

A pickle is a program: opening one may import any module and call anything in it. An index needs dicts, strings, numbers and
NumPy arrays of numbers, so this reader knows those and nothing else. It never imports a name that a file asks for: the few
names that joblib writes for an array become inert tokens, and only the instructions that plain data needs are carried out.
Arrays of an uncompressed file are mapped, not read: processes that open the same file share one copy.
"""

import bz2
import gzip
import io
import lzma
import math
import mmap
import os
import pickle
import re
import struct
import zlib
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import IO, Any, Final, NoReturn

import numpy as np
from numpy.typing import NDArray

# A compressed file of a few megabytes may claim to hold terabytes; the index of a million VGG-16 vectors holds 17 GB.
MAX_UNPACKED: Final = 64 * 2**30
_CHUNK: Final = 2**24
_ALIGNMENT: Final = 16
_DTYPE: Final = re.compile(r"b1|[iu][1248]|f[248]|[US]\d{1,5}")


class RefusedError(Exception):
    """The file asks for something that plain data and arrays do not need."""


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


class _Instructions(dict[int, Callable[..., Any]]):
    def __missing__(self, code: int) -> NoReturn:
        raise RefusedError(f"it holds the pickle instruction {bytes([code])!r}, which an index does not need")


# The instructions that dicts, lists, tuples, strings, bytes, numbers and their back references are made of.
_PLAIN: Final = (
    pickle.PROTO, pickle.FRAME, pickle.STOP, pickle.MARK, pickle.POP, pickle.POP_MARK, pickle.DUP,
    pickle.NONE, pickle.NEWTRUE, pickle.NEWFALSE, pickle.INT, pickle.BININT, pickle.BININT1, pickle.BININT2,
    pickle.LONG, pickle.LONG1, pickle.LONG4, pickle.FLOAT, pickle.BINFLOAT,
    pickle.STRING, pickle.BINSTRING, pickle.SHORT_BINSTRING,
    pickle.UNICODE, pickle.BINUNICODE, pickle.SHORT_BINUNICODE, pickle.BINUNICODE8,
    pickle.BINBYTES, pickle.SHORT_BINBYTES, pickle.BINBYTES8,
    pickle.EMPTY_DICT, pickle.DICT, pickle.SETITEM, pickle.SETITEMS,
    pickle.EMPTY_LIST, pickle.LIST, pickle.APPEND, pickle.APPENDS,
    pickle.EMPTY_TUPLE, pickle.TUPLE, pickle.TUPLE1, pickle.TUPLE2, pickle.TUPLE3,
    pickle.GET, pickle.BINGET, pickle.LONG_BINGET, pickle.PUT, pickle.BINPUT, pickle.LONG_BINPUT, pickle.MEMOIZE,
    pickle.GLOBAL, pickle.STACK_GLOBAL,
)  # fmt: skip


class _Reader(pickle._Unpickler):
    # joblib writes an array's bytes into the pickle's stream, so the reader must be the one written in Python: C's reads ahead.
    dispatch = _Instructions({code[0]: pickle._Unpickler.dispatch[code[0]] for code in _PLAIN})
    stack: list[Any]
    append: Callable[[Any], None]

    def __init__(self, file: IO[bytes], mapped: mmap.mmap | None) -> None:
        super().__init__(file)
        self._file = file
        self._mapped = mapped
        self._left = MAX_UNPACKED

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
        if not all(type(side) is int and side >= 0 for side in shape):
            raise RefusedError(f"it holds an array of shape {shape}")
        if state.get("numpy_array_alignment_bytes") is not None:  # joblib before 1.2 did not align
            self._file.read(self._file.read(1)[0])
        flat = self._flat(holder.dtype, math.prod(shape))
        array = flat.reshape(shape, order=order)
        return array if array.dtype.isnative else array.astype(array.dtype.newbyteorder("="))

    def _flat(self, dtype: np.dtype[Any], count: int) -> NDArray[Any]:
        size = count * dtype.itemsize
        if self._mapped is not None:
            start = self._file.tell()
            if start + size > len(self._mapped):
                raise EOFError
            self._file.seek(size, os.SEEK_CUR)
            values: NDArray[Any] = np.frombuffer(self._mapped, dtype, count, start) if count else np.empty(0, dtype)
            # Compiled loops and BLAS want aligned rows; only files of old joblibs are not.
            return values if start % _ALIGNMENT == 0 else values.copy()
        self._left -= size
        if self._left < 0:
            raise RefusedError(f"unpacked it would take more than {MAX_UNPACKED // 2**30} GiB")
        raw = bytearray()
        while len(raw) < size:  # grows as bytes come, so that a short file cannot claim much memory
            chunk = self._file.read(min(_CHUNK, size - len(raw)))
            if not chunk:
                raise EOFError
            raw += chunk
        return np.frombuffer(raw, dtype, count) if count else np.empty(0, dtype)


class _Zlib(io.RawIOBase):
    """A zlib stream, its end and checksum looked for (joblib's own reader takes a stream cut off in its last bytes)."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._stream = zlib.decompressobj()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = b""
        while not data and not self._stream.eof:
            packed = self._stream.unconsumed_tail or self._file.read(io.DEFAULT_BUFFER_SIZE)
            if not packed:
                raise EOFError
            data = self._stream.decompress(packed, len(buffer))
        buffer[: len(data)] = data
        return len(data)


def _unpacked(file: IO[bytes]) -> IO[bytes] | None:
    """The decompressed stream of a file that joblib compressed, or None when it is not compressed."""
    head = file.read(6)
    file.seek(0)
    if head.startswith(b"\x1f\x8b"):
        return gzip.GzipFile(fileobj=file)  # type: ignore[return-value]  # has all of IO that is used here
    if head.startswith(b"BZh"):
        return bz2.BZ2File(file)
    if head.startswith((b"\xfd7zXZ", b"]\x00")):
        return lzma.LZMAFile(file)
    if head.startswith(b"x"):
        return io.BufferedReader(_Zlib(file))
    if head.startswith(b"\x04\x22\x4d\x18"):
        raise RefusedError("it is compressed with lz4, which is not read here")
    return None


_DAMAGE: Final = (
    pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError, AttributeError, TypeError, OverflowError, MemoryError,
    AssertionError, struct.error, zlib.error, lzma.LZMAError,
)  # fmt: skip


def read_plain(path: Path) -> Any:
    """What joblib.dump wrote to `path`: None, booleans, numbers, str, bytes, list, tuple, dict and arrays of numbers and text.

    Arrays of an uncompressed file are read-only views of the mapped file; of a compressed one they are in memory.
    Raises RefusedError with the reason when it holds anything else, ends early or is no pickle; OSError when it cannot be read.
    """
    with path.open("rb") as file:
        stream = _unpacked(file)
        if file.seek(0, os.SEEK_END) == 0:
            raise RefusedError("it is empty")
        file.seek(0)
        try:
            mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if stream is None else None
            content = _Reader(stream or file, mapped).load()
            if (stream or file).read(1):  # at a compressed stream's end, this also compares its checksum
                raise RefusedError("it goes on after its end")
            return content
        except EOFError:
            raise RefusedError("it ends early") from None
        except OSError as error:
            if stream is None:
                raise
            raise RefusedError(f"its compressed stream is damaged ({error})") from None
        except _DAMAGE as error:
            raise RefusedError(f"it is damaged or not a joblib file ({type(error).__name__}: {error})") from None
