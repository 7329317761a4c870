"""Copies of the index file that only the site knows, so that nobody writes into what it has mapped.

A file that is copied over in place changes under whoever has it mapped: answers are then made of two indexes, and reading
beyond its new end kills the process (SIGBUS), which no program can catch in time. A copy of one's own does not change. Where
the file system can (XFS, Btrfs), it shares its blocks with the file and costs nothing; else as much disk as the file, once for
all workers. The last copy that was good also outlives a bad file: a worker that starts beside one serves that.
"""

import errno
import hashlib
import logging
import os
import shutil
from pathlib import Path
from typing import IO, Final

from filelock import FileLock, Timeout

from indexing.errors import IndexChangingError
from recommender.files import atomic_write, remove_parts

logger = logging.getLogger(__name__)

WAIT_SECONDS: Final = 600.0
SPARE_BYTES: Final = 256 * 2**20
_SUFFIX: Final = ".pkl"
_PIECE: Final = 2**30
# What file systems answer that cannot copy inside the kernel, or not from one to another.
_CANNOT: Final = (errno.EXDEV, errno.EINVAL, errno.ENOSYS, errno.EOPNOTSUPP, errno.EPERM)

Stamp = tuple[int, int, int]


def stamp_of(stat: os.stat_result) -> Stamp:
    """(mtime in ns, size, inode): changes when the file does, whether it is replaced or written over."""
    return stat.st_mtime_ns, stat.st_size, stat.st_ino


class PrivateCopies:
    """The copies of the index file `path` in a folder of their own under `folder`."""

    def __init__(self, path: Path, folder: Path) -> None:
        self.path = path
        self.folder = folder / hashlib.sha256(str(path.absolute()).encode()).hexdigest()[:16]

    def copy(self, stamp: Stamp) -> Path:
        """A copy of the file as it was at `stamp`; the file itself where none can be made, with a line in the log.

        Raises IndexChangingError when the file is not what it was any more, OSError when it cannot be read.
        """
        copy = self.folder / f"{'-'.join(format(part, 'x') for part in stamp)}{_SUFFIX}"
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / "copy.lock", timeout=WAIT_SECONDS):
                if copy.is_file():
                    return copy
                remove_parts(self.folder)
                if shutil.disk_usage(self.folder).free < stamp[1] + SPARE_BYTES:
                    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
                with self.path.open("rb") as source, atomic_write(copy) as target:
                    copy_bytes(source, target)
                    if stamp_of(os.fstat(source.fileno())) != stamp:
                        raise IndexChangingError(f"{self.path} is being written: it is loaded when it is whole.")
        except (OSError, Timeout) as error:
            if not self.path.is_file():
                raise
            logger.warning(
                "No copy of the index can be kept in %s (%s): %s itself is mapped. Replace it by renaming only.",
                self.folder, getattr(error, "strerror", None) or error, self.path,
            )  # fmt: skip
            return self.path
        return copy

    def keep(self, copy: Path) -> None:
        """Remove every other copy. Processes that have one mapped go on with it."""
        for other in self.folder.glob(f"*{_SUFFIX}"):
            if other != copy:
                other.unlink(missing_ok=True)

    def discard(self, copy: Path) -> None:
        """Remove a copy that turned out to be no index."""
        if copy != self.path:
            copy.unlink(missing_ok=True)

    def last(self) -> tuple[Path, Stamp] | None:
        """The copy that was kept, with the stamp that its file had."""
        for copy in sorted(self.folder.glob(f"*{_SUFFIX}")):
            try:
                mtime, size, inode = (int(part, 16) for part in copy.stem.split("-"))
            except ValueError:
                continue
            return copy, (mtime, size, inode)
        return None


def copy_bytes(source: IO[bytes], target: IO[bytes]) -> None:
    """The whole of `source` to the end of `target`, blocks shared where the file system can. Raises OSError."""
    try:
        while os.copy_file_range(source.fileno(), target.fileno(), _PIECE):
            pass
    except OSError as error:
        if error.errno not in _CANNOT:
            raise
        source.seek(0)
        target.seek(0)
        target.truncate()
        shutil.copyfileobj(source, target, 2**24)
