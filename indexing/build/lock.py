"""One build an index at a time."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from indexing.errors import BuildLockedError
from recommender.files import remove_parts


@contextmanager
def build_lock(index: Path) -> Iterator[None]:
    """Hold the right to write `index`. Raises BuildLockedError, naming the holder, when another process has it.

    The lock is the operating system's, on `<index>.lock`: it ends with the process that holds it, however that ends. The file
    stays behind; removing it would let two builds lock two files of one name. What a killed build left half written goes.
    """
    path = index.with_name(f"{index.name}.lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = FileLock(path, timeout=0)
    try:
        lock.acquire()
    except Timeout:
        holder = path.read_text(errors="replace").strip() or "unknown"
        raise BuildLockedError(
            f"Another build (process {holder}) is writing {index}: wait for it or stop it. Its lock is {path}."
        ) from None
    try:
        path.write_text(f"{os.getpid()}\n")
        remove_parts(index.parent, index.name)
        yield
    finally:
        lock.release()
