"""Files that are complete or not there at all. A leaf: every room may import it, and it imports none of them."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from glob import escape
from pathlib import Path
from typing import IO, Final

PART_SUFFIX: Final = ".part"
_RANDOM_BYTES: Final = 8


@contextmanager
def atomic_write(path: Path) -> Iterator[IO[bytes]]:
    """Write `path` as a whole: readers see the old file or the new one, also after a power cut.

    The bytes go to a hidden file in the same folder (`.<name>.<random>.part`), are flushed to the disk, then renamed. The new
    file has the mode that the umask gives. When the block raises, or the disk is full, `path` stays as it was and nothing is
    left beside it. Raises OSError.
    """
    aside = path.with_name(f".{path.name}.{secrets.token_hex(_RANDOM_BYTES)}{PART_SUFFIX}")
    # Not tempfile: its files are for their owner alone, and reading the umask to mend that is unsafe beside other threads.
    descriptor = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o666)
    try:
        with os.fdopen(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except BaseException:
        aside.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Make the renames in `folder` survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def remove_parts(folder: Path, name: str = "") -> int:
    """Remove what a killed process left half written in `folder`, of the file `name` or of all. Returns how many.

    Only for the holder of the lock under which they are written.
    """
    random = "?" * 2 * _RANDOM_BYTES
    parts = list(folder.glob(f".{escape(name)}.{random}{PART_SUFFIX}" if name else f".*{PART_SUFFIX}"))
    for path in parts:
        path.unlink(missing_ok=True)
    return len(parts)
