"""One build an index at a time."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from indexing.errors import BuildLockedError


@contextmanager
def build_lock(index: Path) -> Iterator[None]:
    """Hold the right to write `index`. Raises BuildLockedError, naming the holder, when another process has it.

    The lock is the operating system's, on `<index>.lock`: it ends with the process that holds it, however that ends. The file
    stays behind; removing it would let two builds lock two files of one name.
    """
    path = index.with_name(f"{index.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 32).decode(errors="replace").strip() or "unknown"
            raise BuildLockedError(
                f"Another build (process {holder}) is writing {index}: wait for it or stop it. Its lock is {path}."
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
        yield
    finally:
        os.close(descriptor)
