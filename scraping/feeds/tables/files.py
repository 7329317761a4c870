"""A feed's file: opened as often as needed, unpacked as it is read, never longer than allowed."""

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

from scraping.errors import FeedError

MOST_BYTES: Final = 4_000_000_000  # of a feed, unpacked
_MOST_GROWTH: Final = 200  # times its packed size; product lists reach about 30
_GROWTH_FROM: Final = 20_000_000
_HEAD: Final = 1 << 16
_OTHERS: Final = (
    (b"PK\x03\x04", "a ZIP archive or an Excel workbook: unpack it, or save it as CSV"),
    (b"\xd0\xcf\x11\xe0", "an old Excel workbook: save it as CSV"),
    (b"%PDF", "a PDF"),
    (b"\x28\xb5\x2f\xfd", "packed with zstd: unpack it first"),
    (b"BZh", "packed with bzip2: unpack it first"),
    (b"\xfd7zXZ", "packed with xz: unpack it first"),
    (b"7z\xbc\xaf", "a 7z archive: unpack it first"),
)


@dataclass(frozen=True, slots=True)
class FeedFile:
    """path: on this machine. name: what to call it. folder: what relative paths of pictures are relative to, if anything."""

    path: Path
    name: str
    folder: Path | None = None

    @contextmanager
    def open(self) -> Iterator[IO[bytes]]:
        """The feed's bytes from the start, gunzipped where they are packed. Raises FeedError, also while they are read."""
        try:
            with self.path.open("rb") as file:
                packed = file.read(2) == b"\x1f\x8b"
                file.seek(0)
                if not packed:
                    yield file
                    return
                raw = _Gunzipped(file, self.path.stat().st_size, self.name)
                with io.BufferedReader(raw, _HEAD) as unpacked:
                    yield unpacked
        except OSError as error:
            raise FeedError(f"{self.name} cannot be read: {error.strerror or error}.") from None

    def head(self) -> bytes:
        """The first bytes, for telling what it is. Raises FeedError for an empty feed and for what is no feed."""
        with self.open() as file:
            head = file.read(_HEAD)
        for magic, what in _OTHERS:
            if head.startswith(magic):
                raise FeedError(f"{self.name} is {what}.")
        if not head.strip(b"\xef\xbb\xbf \t\r\n\0"):
            raise FeedError(f"{self.name} is empty.")
        return head


class _Gunzipped(io.RawIOBase):
    """A gzip stream that breaks off when it grows like a bomb."""

    def __init__(self, file: IO[bytes], size: int, name: str) -> None:
        self._stream = gzip.GzipFile(fileobj=file, mode="rb")
        self._most = min(MOST_BYTES, max(_GROWTH_FROM, _MOST_GROWTH * size))
        self._name = name
        self._given = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]
        try:
            piece = self._stream.read(len(view))
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise FeedError(f"{self._name} is cut off or damaged: it does not unpack ({error}).") from None
        self._given += len(piece)
        if self._given > self._most:
            raise FeedError(f"{self._name} unpacks to more than {self._most // 1_000_000:,} MB: refused as a bomb.")
        view[: len(piece)] = piece
        return len(piece)
