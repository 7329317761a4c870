"""The streams in which joblib compresses a file, unpacked piece by piece and never beyond a bound.

A few megabytes may unpack to terabytes of zeros. Vectors of numbers shrink to a half or a third, seldom to a tenth.
"""

import bz2
import io
import lzma
import zlib
from typing import IO, Any, Final, Protocol

from indexing.bounded_unpickler import RefusedError

MIN_UNPACKED: Final = 64 * 2**20
MAX_RATIO: Final = 50
_XZ_MEMORY: Final = 256 * 2**20  # its strongest preset takes 65 MB; a header may ask for gigabytes
DAMAGE: Final = (zlib.error, lzma.LZMAError)


def max_unpacked(size: int) -> int:
    """The most bytes that a compressed file of `size` bytes may unpack to."""
    return MIN_UNPACKED + MAX_RATIO * size


class _Decompressor(Protocol):
    """bz2's and lzma's; zlib's is made like them below."""

    @property
    def eof(self) -> bool: ...
    @property
    def needs_input(self) -> bool: ...
    @property
    def unused_data(self) -> bytes: ...
    def decompress(self, data: bytes, max_length: int) -> bytes: ...


class _Zlib:
    """zlib's decompressor, which leaves keeping its input to the caller."""

    def __init__(self, wbits: int) -> None:
        self._stream = zlib.decompressobj(wbits)

    @property
    def eof(self) -> bool:
        return self._stream.eof

    @property
    def needs_input(self) -> bool:
        return not self._stream.unconsumed_tail

    @property
    def unused_data(self) -> bytes:
        return self._stream.unused_data

    def decompress(self, data: bytes, max_length: int) -> bytes:
        return self._stream.decompress(self._stream.unconsumed_tail + data, max_length)


class _Unpacked(io.RawIOBase):
    """A compressed file's content. Its checksum is compared at its end; a stream cut off in its last bytes is an EOFError."""

    def __init__(self, file: IO[bytes], stream: _Decompressor, most: int) -> None:
        self._file, self._stream, self._most = file, stream, most
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = b""
        while not data and not self._stream.eof:
            packed = self._file.read(io.DEFAULT_BUFFER_SIZE) if self._stream.needs_input else b""
            if not packed and self._stream.needs_input:
                raise EOFError
            data = self._stream.decompress(packed, len(buffer))
        if self._stream.unused_data:
            raise RefusedError("it goes on after its end")
        self._left -= len(data)
        if self._left < 0:
            raise RefusedError(f"unpacked it takes more than {self._most:,} bytes, too many for its size")
        buffer[: len(data)] = data
        return len(data)


def unpacked(file: IO[bytes], size: int) -> IO[bytes] | None:
    """The content of a file of `size` bytes that joblib compressed, or None when it is not compressed.

    Reading it raises RefusedError beyond `max_unpacked`, EOFError where it ends early, and one of DAMAGE or OSError.
    """
    head = file.read(6)
    file.seek(0)
    stream: _Decompressor
    if head.startswith(b"\x1f\x8b"):
        stream = _Zlib(16 + zlib.MAX_WBITS)  # gzip's header and checksum
    elif head.startswith(b"BZh"):
        stream = bz2.BZ2Decompressor()
    elif head.startswith((b"\xfd7zXZ", b"]\x00")):
        stream = lzma.LZMADecompressor(memlimit=_XZ_MEMORY)
    elif head.startswith(b"x"):
        stream = _Zlib(zlib.MAX_WBITS)
    elif head.startswith(b"\x04\x22\x4d\x18"):
        raise RefusedError("it is compressed with lz4, which is not read here")
    else:
        return None
    return io.BufferedReader(_Unpacked(file, stream, max_unpacked(size)))
