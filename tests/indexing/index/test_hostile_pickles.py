"""Opening a file takes time and memory in proportion to its size, whatever its instructions ask for."""

import bz2
import gzip
import io
import lzma
import os
import pickle
import pickletools
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import joblib
import numpy as np
import pytest

from indexing import bounded_unpickler
from indexing.bounded_unpickler import BYTES_PER_INSTRUCTION, MAX_DEPTH, RefusedError
from indexing.index import decompression
from indexing.index.unpickling import read_plain


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hostile.pkl"


def text(value: str) -> bytes:
    return b"\x8c" + bytes([len(value)]) + value.encode()


def lists_doubled(times: int) -> bytes:
    """A list that holds one list twice, which holds one list twice …: 2^times leaves."""
    return b"\x80\x04]\x94" + b"".join(b"](h%ch%ce\x94" % (n, n) for n in range(times)) + b"."


HOSTILE = {
    "a tuple 300,000 deep as a key": (b"\x80\x04})" + b"\x85" * 300_000 + b"Ns.", "a key of type tuple"),
    "the same from a mark": (b"\x80\x04()" + b"\x85" * 300_000 + b"Nd.", "a key of type tuple"),
    "the same in a list of items": (b"\x80\x04}()" + b"\x85" * 300_000 + b"Nu.", "a key of type tuple"),
    "lists 300,000 deep": (b"\x80\x04" + b"]" * 300_000 + b"a" * 299_999 + b".", "nested more than 16 deep"),
    "dicts 1,000 deep": (b"\x80\x04" + (b"}" + text("a")) * 1_000 + b"N" + b"s" * 1_000 + b".", "nested more than 16 deep"),
    "tuples 1,000 deep": (b"\x80\x04)" + b"\x85" * 1_000 + b".", "nested more than 16 deep"),
    "a list that holds itself": (b"\x80\x04]\x94h\x00a.", "refers twice to one list"),
    "a dict that holds itself": (b"\x80\x04}\x94" + text("a") + b"h\x00s.", "refers twice to one dict"),
    "lists doubled 60 times": (lists_doubled(60), "refers twice to one list"),
    "a tuple got by GET": (b"\x80\x04)\x94g0\n\x86.", "refers twice to one tuple"),
    "a tuple got by LONG_BINGET": (b"\x80\x04)\x94j\x00\x00\x00\x00\x86.", "refers twice to one tuple"),
    "nothing at all": (b"", "it is empty"),
    "another compression": (b"\x04\x22\x4d\x18" + bytes(60), "compressed with lz4, which is not read here"),
    "more after its end": (b"\x80\x04N.more", "goes on after its end"),
    "an item of a list": (b"\x80\x04]NaK\x00Ns.", "sets an item of something that is no dict"),
    "an object of a dtype": (b"\x80\x04cnumpy\ndtype\n)\x81.", "makes an object that an index does not need"),
    "a dtype of another order": (
        b"\x80\x04cnumpy\ndtype\n" + text("f4") + b"\x85R(K\x03" + text("x") + b"tb.", "a dtype that is not a plain one",
    ),
    "doubling by DUP": (b"\x80\x04]2.", "the pickle instruction b'2'"),
    "an integer of two million bits": (b"\x80\x04\x8b" + struct.pack("<i", 250_000) + b"\xff" * 249_999 + b"\x01.", "bits"),
    "an integer of 129 bits": (b"\x80\x04\x8a\x11" + b"\x01" * 17 + b".", "a whole number of 129 bits"),
    "an integer in hexadecimal": (b"L0x" + b"f" * 100 + b"L\n.", "a whole number of 400 bits"),
    "the same by INT": (b"I0x" + b"f" * 100 + b"\n.", "a whole number of 400 bits"),
    "bytes of an exabyte": (b"\x80\x04\x8e" + struct.pack("<Q", 2**60) + b"a.", "a single value of 1,152,921,504,606,846,976"),
    "bytes of two gigabytes": (b"\x80\x04B" + struct.pack("<I", 2**31) + b"a.", "a single value of 2,147,483,648 bytes"),
    "text of an exabyte": (b"\x80\x04\x8d" + struct.pack("<Q", 2**60) + b"a.", "a single value of"),
    "an integer of two gigabytes": (b"\x80\x04\x8b" + struct.pack("<i", 2**31 - 1) + b"a.", "a single value of"),
    "a frame of an exabyte": (b"\x80\x04\x95" + struct.pack("<Q", 2**60) + b"N.", "a single value of"),
    "a line without an end": (b"I" + b"1" * 2_000_000, "a single value of more than 1,048,576 bytes"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "reason"), HOSTILE.values(), ids=HOSTILE.keys())
def test_it_is_refused_in_one_line(content: bytes, reason: str, path: Path) -> None:
    path.write_bytes(content)
    with pytest.raises(RefusedError, match=reason) as refused:
        read_plain(path)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 300


# One byte an instruction: an empty dict each, one object remembered again and again, a mark each.
@pytest.mark.parametrize("instruction", [b"}", b"N\x94", b"\x94", b"("])
def test_more_instructions_than_an_index_of_its_size_needs_are_not_carried_out(
    instruction: bytes, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bounded_unpickler, "MIN_INSTRUCTIONS", 1_000)
    path.write_bytes(b"\x80\x04N" + instruction * 100_000 + b".")
    with pytest.raises(RefusedError, match=r"more than [47],\d{3} pickle instructions, too many for its size"):
        read_plain(path)


def test_nor_are_those_of_a_compressed_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousandfold packed, they still count by the file's size."""
    monkeypatch.setattr(bounded_unpickler, "MIN_INSTRUCTIONS", 1_000)
    path.write_bytes(gzip.compress(b"\x80\x04N" + b"}" * 100_000 + b"."))
    with pytest.raises(RefusedError, match=r"more than 1,0\d\d pickle instructions, too many for its size"):
        read_plain(path)


@pytest.mark.parametrize("shape", [b"J\xff\xff\xff\xff\x85", b"\x88\x85", text("5") + b"\x85"])
def test_an_array_of_an_odd_shape_is_refused(shape: bytes, path: Path) -> None:
    joblib.dump(np.zeros(5, "u1"), path)
    whole = path.read_bytes()
    assert whole.count(b"K\x05\x85") == 1
    path.write_bytes(whole.replace(b"K\x05\x85", shape))
    with pytest.raises(RefusedError, match="it holds an array of shape"):
        read_plain(path)


def test_an_array_of_nine_sides_is_refused(path: Path) -> None:
    joblib.dump(np.zeros((1,) * 9), path)
    with pytest.raises(RefusedError, match="it holds an array of shape"):
        read_plain(path)


def test_an_array_that_a_whole_stream_does_not_fill_is_refused(path: Path) -> None:
    joblib.dump(np.zeros(1_000), path)
    path.write_bytes(gzip.compress(path.read_bytes()[:-100]))
    with pytest.raises(RefusedError, match="it ends early"):
        read_plain(path)


def test_a_lean_index_has_fewer(path: Path) -> None:
    """The article's file of vectors of 32 numbers: five instructions an item beside 128 bytes of vector."""
    ids = {number: number for number in range(2_000)}
    joblib.dump((ids, dict(ids), np.zeros((2_000, 32), np.float32)), path)
    instructions = sum(1 for _ in pickletools.genops(pickle.dumps((ids, dict(ids)))))
    assert instructions < path.stat().st_size / BYTES_PER_INSTRUCTION


BOMBS: dict[str, Callable[[], Any]] = {
    "zlib": zlib.compressobj,
    "gzip": lambda: zlib.compressobj(wbits=31),
    "bz2": bz2.BZ2Compressor,
    "xz": lambda: lzma.LZMACompressor(preset=0),
}


@pytest.mark.parametrize("kind", BOMBS)
@pytest.mark.parametrize("content", ["one array", "many arrays", "what follows a pickle"])
def test_a_bomb_is_not_unpacked_whole(kind: str, content: str, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """60 MB of zeros in some kilobytes, beside a bound of 4 MB, stand for gigabytes in some megabytes."""
    monkeypatch.setattr(decompression, "MIN_UNPACKED", 2**22)
    monkeypatch.setattr(decompression, "MAX_RATIO", 10)
    if content == "what follows a pickle":
        path.write_bytes(pickle.dumps(None) + bytes(60 * 2**20))
    else:
        count = 1 if content == "one array" else 30
        joblib.dump([np.zeros((60 // count, 2**20), "u1") for _ in range(count)], path)
    compressor = BOMBS[kind]()
    path.write_bytes(compressor.compress(path.read_bytes()) + compressor.flush())
    assert path.stat().st_size < 400_000
    tracemalloc.start()
    try:
        with pytest.raises(RefusedError, match=r"too many for its size|goes on after its end"):
            read_plain(path)
        assert tracemalloc.get_traced_memory()[1] < 40e6
    finally:
        tracemalloc.stop()


def test_an_xz_header_that_asks_for_gigabytes_is_refused(path: Path) -> None:
    packed = bytearray(lzma.compress(pickle.dumps(None), filters=[{"id": lzma.FILTER_LZMA2, "dict_size": 2**20}]))
    block = 12  # after the stream's header: size, flags, then LZMA2's id, one byte of properties, the dictionary's size
    assert packed[block + 2 : block + 5] == b"\x21\x01\x10"
    packed[block + 4] = 36  # 1 GiB
    packed[block + 8 : block + 12] = struct.pack("<I", zlib.crc32(bytes(packed[block : block + 8])))
    path.write_bytes(packed)
    with pytest.raises(RefusedError, match=r"[Mm]emory"):
        read_plain(path)


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress, bz2.compress, lzma.compress])
def test_what_goes_on_after_a_compressed_streams_end_is_refused(pack: Callable[[bytes], bytes], path: Path) -> None:
    path.write_bytes(pack(pickle.dumps([1, 2])) + b"more")
    with pytest.raises(RefusedError, match="goes on after its end"):
        read_plain(path)


def test_what_goes_on_where_a_piece_that_was_read_ends_is_refused(path: Path) -> None:
    size = io.DEFAULT_BUFFER_SIZE
    spare = size - len(gzip.compress(pickle.dumps(bytes(5_000)), 0)) + 5_000
    packed = gzip.compress(pickle.dumps(bytes(spare)), 0)
    assert len(packed) == size
    path.write_bytes(packed + b"more")
    with pytest.raises(RefusedError, match="goes on after its end"):
        read_plain(path)


def test_a_compressed_streams_checksum_is_compared(path: Path) -> None:
    packed = bytearray(gzip.compress(pickle.dumps([1, 2])))
    packed[-8] ^= 1
    path.write_bytes(packed)
    with pytest.raises(RefusedError, match="damaged"):
        read_plain(path)


def test_sixteen_deep_is_read(path: Path) -> None:
    path.write_bytes(b"\x80\x04" + b"]" * MAX_DEPTH + b"a" * (MAX_DEPTH - 1) + b".")
    content = read_plain(path)
    for _ in range(MAX_DEPTH - 1):
        [content] = content
    assert content == []


def test_a_pipe_is_not_waited_for(path: Path) -> None:
    os.mkfifo(path)
    with pytest.raises(RefusedError, match="it is not a file"):
        read_plain(path)
