"""Work in progress: vectors that a build has made and no index holds yet, so that a killed build loses seconds, not hours.

One file for each way of making vectors, appended to a unit at a time. Each record carries its length and checksum: what a
crash cut short is found when the file is opened again, and cut off. Fixed to this machine's byte order, like the index.
"""

import hashlib
import json
import os
import struct
import time
import zlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Any, Final

import numpy as np
from numpy.typing import NDArray

from indexing.build.pictures import THUMBNAIL_SIDE
from indexing.build.pipeline import Extracted

FLUSH_SECONDS: Final = 10.0
KEPT_DAYS: Final = 14
_MAGIC: Final = b"VRW1"
_HEAD: Final = struct.Struct("<4sIQI")  # magic, length of the description, length of the numbers, checksum of both
_THUMBNAIL_BYTES: Final = THUMBNAIL_SIDE * THUMBNAIL_SIDE * 3


class WorkStore:
    """The vectors made so far with one network, weights and preprocessing (`key`); dim: numbers in a vector.

    known: the digests of pictures that have a vector; failures: digest → why that picture has none; engines: who made them.
    """

    def __init__(self, folder: Path, key: Mapping[str, str], dim: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        name = hashlib.sha256(json.dumps([*sorted(key.items()), dim]).encode()).hexdigest()
        self.path = folder / f"{name[:32]}.work"
        self.failures: dict[str, str] = {}
        self.engines: set[str] = set()
        self._dim = dim
        self._offsets: dict[str, tuple[int, int]] = {}  # digest → where its vector and its thumbnail begin in the file
        self._file: IO[bytes] = self.path.open("r+b" if self.path.exists() else "w+b")
        self._end = 0
        self._flushed = time.monotonic()
        for description, start in self._records():
            self._note(description, start)
        self._file.truncate(self._end)

    @property
    def known(self) -> frozenset[str]:
        return frozenset(self._offsets)

    def append(self, extracted: Extracted, engine: str) -> None:
        """Keep a unit's vectors. Raises OSError (a full disk); what was kept before stays whole."""
        description = {"sha256s": extracted.sha256s, "failures": dict(extracted.failures), "engine": engine}
        head = json.dumps(description).encode()
        numbers = np.ascontiguousarray(extracted.vectors, np.float32).tobytes() + extracted.thumbnails.tobytes()
        self._file.seek(self._end)
        self._file.write(_HEAD.pack(_MAGIC, len(head), len(numbers), zlib.crc32(numbers, zlib.crc32(head))) + head + numbers)
        self._file.flush()  # to the operating system: a killed process loses nothing that got here
        self._note(description, self._end + _HEAD.size + len(head))
        self._end = self._file.tell()
        if time.monotonic() - self._flushed > FLUSH_SECONDS:  # to the disk, against a power cut
            os.fsync(self._file.fileno())
            self._flushed = time.monotonic()

    def read_into(
        self, sha256s: Sequence[str], rows: Sequence[int], vectors: NDArray[np.float32], thumbnails: NDArray[np.uint8]
    ) -> None:
        """Put the vector and the thumbnail of each digest into its row of `vectors` (n, d) and `thumbnails` (n, 48, 48, 3)."""
        for sha256, row in zip(sha256s, rows, strict=True):
            vector, thumbnail = self._offsets[sha256]
            vectors[row] = np.frombuffer(self._bytes(vector, 4 * self._dim), np.float32)
            thumbnails[row] = np.frombuffer(self._bytes(thumbnail, _THUMBNAIL_BYTES), np.uint8).reshape(thumbnails.shape[1:])

    def clear(self) -> None:
        """Drop what was computed so far."""
        self._offsets, self.failures, self.engines, self._end = {}, {}, set(), 0
        self._file.truncate(0)

    def close(self) -> None:
        """Leave the work for the next build."""
        self._file.close()

    def remove(self) -> None:
        """The index has it all: drop this work, and other work that nobody went on with for two weeks."""
        self.close()
        folder = self.path.parent
        self.path.unlink(missing_ok=True)
        for path in folder.glob("*.work"):
            if time.time() - path.stat().st_mtime > KEPT_DAYS * 86_400:
                path.unlink()
        if not any(folder.iterdir()):
            folder.rmdir()

    def _bytes(self, start: int, size: int) -> bytes:
        self._file.seek(start)
        return self._file.read(size)

    def _note(self, description: Mapping[str, Any], start: int) -> None:
        sha256s = description["sha256s"]
        thumbnails = start + 4 * self._dim * len(sha256s)
        for position, sha256 in enumerate(sha256s):
            self._offsets[sha256] = (start + 4 * self._dim * position, thumbnails + _THUMBNAIL_BYTES * position)
        self.failures.update(description["failures"])
        if sha256s:
            self.engines.add(description["engine"])

    def _records(self) -> Iterator[tuple[dict[str, Any], int]]:
        """Each whole record's description and where its numbers begin; `_end` is left behind the last whole one."""
        while True:
            head = self._bytes(self._end, _HEAD.size)
            if len(head) < _HEAD.size:
                return
            magic, described, numbered, checksum = _HEAD.unpack(head)
            if magic != _MAGIC or self._end + _HEAD.size + described + numbered > self.path.stat().st_size:
                return
            description, numbers = self._file.read(described), self._file.read(numbered)
            if zlib.crc32(numbers, zlib.crc32(description)) != checksum:
                return
            yield json.loads(description), self._end + _HEAD.size + described
            self._end += _HEAD.size + described + numbered


def work_folder(index: Path) -> Path:
    """Where the work of builds of `index` is kept."""
    return index.with_name(f"{index.name}.work")
