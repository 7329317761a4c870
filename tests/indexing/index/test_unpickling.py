"""Opening a file runs nothing that is in it."""

import builtins
import io
import os
import pickle
import zlib
from collections import OrderedDict
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from indexing.bounded_unpickler import RefusedError
from indexing.errors import IndexDamagedError
from indexing.index.file import load_index
from indexing.index.unpickling import read_plain


class Call:
    """Pickles as a call of `function` with `arguments`."""

    def __init__(self, function: Any, *arguments: object) -> None:
        self.function, self.arguments = function, arguments

    def __reduce__(self) -> tuple[Any, tuple[object, ...]]:
        return self.function, self.arguments


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hostile.pkl"


@pytest.fixture
def trace(tmp_path: Path) -> Path:
    """A file that exists once hostile code has run."""
    return tmp_path / "trace"


def hostile(trace: Path) -> dict[str, Any]:
    command = f"touch {trace}"
    objects = np.empty(1, object)
    objects[0] = Call(os.system, command)
    return {
        "os.system": Call(os.system, command),
        "eval": Call(builtins.eval, f"open({str(trace)!r}, 'w')"),
        "getattr": Call(getattr, Path, "touch"),
        "in a dict": {"manifest": {"format_version": 1, "x": Call(os.system, command)}},
        "in an object array": {"vectors": objects},
        "an empty object array": {"vectors": np.empty(0, object)},
        "a memory map of any file": Call(np.memmap, str(trace), "uint8", "w+", 0, (8,)),
        "an array from a call": Call(np.ndarray, (10**12,)),
        "a record array": np.zeros(2, [("a", "f4"), ("b", "O")]),
        "dates": np.zeros(2, "M8[s]"),
        "a class": OrderedDict(a=1),
        "a set": {1, 2},
    }


CASES = list(hostile(Path("trace")))


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("compress", [0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)])
def test_nothing_but_plain_values_and_arrays_is_read(case: str, compress: Any, path: Path, trace: Path) -> None:
    joblib.dump(hostile(trace)[case], path, compress=compress)
    with pytest.raises(RefusedError, match=r"it (asks for|holds|makes)"):
        read_plain(path)
    assert not trace.exists()


@pytest.mark.parametrize("case", ["os.system", "in an object array"])
@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_every_protocol_is_guarded(case: str, protocol: int, path: Path, trace: Path) -> None:
    joblib.dump(hostile(trace)[case], path, protocol=protocol)
    with pytest.raises(RefusedError):
        read_plain(path)
    assert not trace.exists()


HANDWRITTEN = {
    "INST": b"(S'touch TRACE'\nios\nsystem\n.",
    "OBJ": b"(cos\nsystem\nS'touch TRACE'\no.",
    "GLOBAL and REDUCE": b"cos\nsystem\n(S'touch TRACE'\ntR.",
    "NEWOBJ_EX": b"\x80\x04cnumpy\nndarray\n)}\x92.",
    "a persistent id": b"Pname\n.",
    "an extension": b"\x82\x01.",
    "BUILD on an allowed name": b"\x80\x02cjoblib.numpy_pickle\nNumpyArrayWrapper\n(N}X\x01\x00\x00\x00aK\x01stb.",
    "a call of the array's class": b"\x80\x02cjoblib.numpy_pickle\nNumpyArrayWrapper\n)R.",
    "a state that is no dict": b"\x80\x02cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81K\x01b.",
}


@pytest.mark.parametrize("code", HANDWRITTEN.values(), ids=HANDWRITTEN.keys())
def test_instructions_that_data_does_not_need_are_refused(code: bytes, path: Path, trace: Path) -> None:
    path.write_bytes(code.replace(b"TRACE", str(trace).encode()))
    with pytest.raises(RefusedError, match=r"it (asks for|holds|makes|sets)"):
        read_plain(path)
    assert not trace.exists()


def test_the_guard_is_what_stops_them(path: Path, trace: Path) -> None:
    """The same file, opened by joblib, runs: were it not so, the tests above would show nothing."""
    joblib.dump(hostile(trace)["os.system"], path)
    joblib.load(path)
    assert trace.exists()


def good() -> dict[str, Any]:
    return {
        "vectors": np.arange(30_000, dtype=np.float32).reshape(300, 100),
        "names": np.array(["a", "é"]),
        "n": [1, 2.5, None],
    }


@pytest.mark.parametrize("compress", [0, ("zlib", 3), ("gzip", 3), ("bz2", 3), ("xz", 3), ("lzma", 3)])
def test_a_truncated_file_is_refused_wherever_it_ends(compress: Any, path: Path) -> None:
    joblib.dump(good(), path, compress=compress)
    whole = path.read_bytes()
    for length in [0, 1, 7, len(whole) // 3, len(whole) // 2, len(whole) - 9, len(whole) - 1]:
        path.write_bytes(whole[:length])
        with pytest.raises(RefusedError):
            read_plain(path)


@pytest.mark.parametrize("content", [b"", b"not a pickle", b"\xff" * 100, pickle.dumps(object()), b"x\x9c" * 50, b"BZh9" * 9])
def test_what_is_no_pickle_is_refused(content: bytes, path: Path) -> None:
    path.write_bytes(content)
    with pytest.raises(RefusedError):
        read_plain(path)


def test_every_changed_byte_gives_a_value_or_a_refusal(path: Path) -> None:
    joblib.dump({"v": np.arange(6, dtype=np.float32).reshape(2, 3), "m": {"a": "b"}, "n": [1, -2, 2.5]}, path)
    whole = path.read_bytes()
    for at in range(len(whole)):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 0x15]) + whole[at + 1 :])
        try:
            read_plain(path)
        except RefusedError:
            continue


@pytest.mark.parametrize("packed", [False, True])
def test_a_claim_to_hold_terabytes_is_refused_before_memory_is_taken(packed: bool, path: Path) -> None:
    buffer = io.BytesIO()
    joblib.dump(np.zeros((7, 3), np.float32), buffer, protocol=2)
    shape, larger = b"K\x07K\x03\x86", b"\x8a\x06\x00\x00\x00\x00\x00\x10K\x03\x86"  # 7 rows; 2**44 rows
    assert shape in buffer.getvalue()
    raw = buffer.getvalue().replace(shape, larger)
    path.write_bytes(zlib.compress(raw) if packed else raw)
    with pytest.raises(RefusedError, match="too many for its size" if packed else "ends early"):
        read_plain(path)


@pytest.mark.parametrize("compress", [0, 3])
def test_arrays_come_back_as_they_were(compress: int, path: Path) -> None:
    arrays = {
        "fortran": np.asfortranarray(np.arange(6.0).reshape(2, 3)),
        "big-endian": np.arange(3, dtype=">i4"),
        "empty": np.empty((0, 3), np.int32),
        "scalar": np.array(2.5),
        "bool": np.array([True, False]),
        "text": np.array(["a", "éé"]),
        "mapped": np.arange(4, dtype=np.uint8),
    }
    joblib.dump(arrays, path, compress=compress)
    read = read_plain(path)
    for name, array in arrays.items():
        np.testing.assert_array_equal(read[name], array)
        assert read[name].dtype == array.dtype.newbyteorder("=")


def test_the_index_names_the_file_and_the_reason(path: Path, trace: Path) -> None:
    joblib.dump(hostile(trace)["os.system"], path)
    with pytest.raises(IndexDamagedError, match=rf"{path} is not a usable index: it asks for \w+\.system.*build_index"):
        load_index(path)
