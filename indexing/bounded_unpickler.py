"""A pickle's reader whose time and memory are bounded by the size of what it reads.

Refusing to import and to call keeps a pickle from running code. That alone does not keep it from harm: tuples nested a
million deep crash Python when they are hashed, one byte makes an object of a hundred, a short text claims a length of
terabytes, and lists that hold each other double with every instruction. So here

- dict keys are texts and whole numbers, which hash without recursion;
- lists, dicts and tuples are referred to once: what is read is a tree, without circles or shared parts, at most MAX_DEPTH deep;
- one text or number takes at most MAX_VALUE bytes, whole numbers 128 bits;
- a file of s bytes may hold MIN_INSTRUCTIONS + s / BYTES_PER_INSTRUCTION instructions. The leanest index has four times as
  many bytes an instruction. Each makes at most about 100 bytes, so that reading takes at most 100 MB and a few times the file.
"""

import pickle
import struct
from collections.abc import Callable, Iterable
from typing import IO, Any, Final, NoReturn

MIN_INSTRUCTIONS: Final = 2**20
BYTES_PER_INSTRUCTION: Final = 32
MAX_VALUE: Final = 2**20
MAX_DEPTH: Final = 16
_MAX_INTEGER: Final = 2**128


class RefusedError(Exception):
    """The file asks for something that plain data and arrays do not need."""


_INTEGERS: Final = (pickle.INT[0], pickle.LONG[0], pickle.LONG1[0], pickle.LONG4[0])

# What a damaged pickle makes an unpickler raise, beside RefusedError.
DAMAGE: Final = (
    pickle.UnpicklingError, EOFError, ValueError, KeyError, IndexError, AttributeError, TypeError, OverflowError, MemoryError,
    AssertionError, RecursionError, struct.error,
)  # fmt: skip


class _Bounded:
    """Reads values of at most MAX_VALUE bytes."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def read(self, size: int) -> bytes:
        if size > MAX_VALUE:
            raise RefusedError(f"it holds a single value of {size:,} bytes")
        return self._file.read(size)

    def readline(self) -> bytes:
        line = self._file.readline(MAX_VALUE)
        if len(line) == MAX_VALUE:
            raise RefusedError(f"it holds a single value of more than {MAX_VALUE:,} bytes")
        return line


class Instructions(dict[int, Callable[..., Any]]):
    """A reader's method for each instruction that it carries out, by its code; any other code is a RefusedError."""

    def __missing__(self, code: int) -> NoReturn:
        raise RefusedError(f"it holds the pickle instruction {bytes([code])!r}, which this file does not need")


# The instructions that dicts, lists, tuples, strings, bytes, numbers and their back references are made of.
_PLAIN: Final = (
    pickle.PROTO, pickle.FRAME, pickle.STOP, pickle.MARK,
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


def _short_integer(load: Callable[..., Any]) -> Callable[..., Any]:
    """The same instruction, for whole numbers of at most 128 bits."""

    def load_short(reader: "BoundedUnpickler") -> None:
        load(reader)
        number = reader.stack[-1]
        if abs(number) >= _MAX_INTEGER:
            raise RefusedError(f"it holds a whole number of {number.bit_length()} bits")

    return load_short


class BoundedUnpickler(pickle._Unpickler):
    """Reads plain values only; a subclass may add names (`find_class`) and instructions (`dispatch`).

    The reader is the one written in Python: C's reads ahead, where joblib puts an array's bytes into the pickle's stream, and
    its instructions cannot be chosen.
    """

    dispatch = Instructions({code[0]: pickle._Unpickler.dispatch[code[0]] for code in _PLAIN})
    stack: list[Any]
    append: Callable[[Any], None]
    pop_mark: Callable[[], list[Any]]
    memo: dict[int, Any]

    def __init__(self, file: IO[bytes], size: int) -> None:
        """size: of what is read, in bytes; it bounds the number of instructions."""
        bounded = _Bounded(file)
        super().__init__(bounded)
        self._frames = pickle._Unframer(bounded.read, bounded.readline)  # type: ignore[attr-defined]  # not in typeshed
        self._most = MIN_INSTRUCTIONS + size // BYTES_PER_INSTRUCTION

    def load(self) -> Any:
        """The value. Raises RefusedError for what is not admitted, and one of DAMAGE for what is no pickle."""
        self._unframer = self._frames
        read, self.read, self.readline = self._frames.read, self._frames.read, self._frames.readline
        self.metastack: list[list[Any]] = []
        self.stack = []
        self.append = self.stack.append
        self.proto = 0
        dispatch = self.dispatch
        try:
            for _ in range(self._most):
                code = read(1)
                if not code:
                    raise EOFError
                dispatch[code[0]](self)
        except pickle._Stop as stop:  # type: ignore[attr-defined]
            _require_shallow(stop.value)
            return stop.value
        raise RefusedError(f"it holds more than {self._most:,} pickle instructions, too many for its size")

    def find_class(self, module: str, name: str) -> Any:
        """Refuse every name."""
        raise RefusedError(f"it asks for {module}.{name}, which this file does not need")

    def load_setitem(self) -> None:
        value, key = self.stack.pop(), self.stack.pop()
        self._set([(key, value)])

    def load_setitems(self) -> None:
        items = self.pop_mark()
        self._set(zip(items[::2], items[1::2], strict=True))

    def load_dict(self) -> None:
        items = self.pop_mark()
        self.append({})
        self._set(zip(items[::2], items[1::2], strict=True))

    def _set(self, items: Iterable[tuple[Any, Any]]) -> None:
        target = self.stack[-1]
        if not isinstance(target, dict):
            raise RefusedError("it sets an item of something that is no dict")
        for key, value in items:
            if type(key) is not str and type(key) is not int:
                raise RefusedError(f"it holds a dict with a key of type {type(key).__name__}")
            target[key] = value

    def _get(self, number: int) -> None:
        value = self.memo[number]
        if isinstance(value, dict | list) or type(value) is tuple:
            raise RefusedError(f"it refers twice to one {type(value).__name__}")
        self.append(value)

    def load_get(self) -> None:
        self._get(int(self.readline()[:-1]))

    def load_binget(self) -> None:
        self._get(self.read(1)[0])

    def load_long_binget(self) -> None:
        self._get(int.from_bytes(self.read(4), "little"))

    dispatch.update({
        pickle.SETITEM[0]: load_setitem, pickle.SETITEMS[0]: load_setitems, pickle.DICT[0]: load_dict,
        pickle.GET[0]: load_get, pickle.BINGET[0]: load_binget, pickle.LONG_BINGET[0]: load_long_binget,
    })  # fmt: skip
    for code in _INTEGERS:
        dispatch[code] = _short_integer(dispatch[code])


def _require_shallow(content: Any) -> None:
    """Raise RefusedError where what was read, a tree, is more than MAX_DEPTH deep. Level by level: no recursion."""
    level = [content] if isinstance(content, dict | list | tuple) else []
    for _ in range(MAX_DEPTH):
        inner = (part for outer in level for part in (outer.values() if isinstance(outer, dict) else outer))
        level = [part for part in inner if isinstance(part, dict | list | tuple)]
        if not level:
            return
    raise RefusedError(f"it holds lists, dicts or tuples nested more than {MAX_DEPTH} deep")
