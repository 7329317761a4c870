"""Putting a finished index file into the place that the site serves: checked first, then renamed, never copied over."""

import os
from pathlib import Path
from typing import Final

from indexing.errors import IndexChangingError, IndexFileError, StorageError
from indexing.index.file import load_index
from indexing.index.private_copies import copy_bytes, stamp_of
from indexing.index.record import Index
from recommender.files import atomic_write

PREVIOUS_SUFFIX: Final = ".previous"


def install_index(source: Path, target: Path) -> tuple[Index, Path | None]:
    """Replace the index file `target` by a copy of `source`. What was installed, and where the file before it is now.

    Readers see the old file or the new one, never half. Every vector is read before. The file before keeps its inode and gets
    the name `<target>.previous`; None where there was none, or the file system has no hard links.
    Raises IndexFileError for a file that is no index, is the target itself or changes meanwhile; StorageError for a full disk
    or a folder that cannot be written: the target is then as it was.
    """
    try:
        if target.exists() and source.samefile(target):
            raise IndexFileError(f"{source} is the installed index itself: build_index writes it there.")
        stamp = stamp_of(source.stat())
    except OSError as error:
        raise IndexFileError(f"{source} cannot be read: {error.strerror}.") from error
    index = load_index(source, thorough=True)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with source.open("rb") as given, atomic_write(target) as file:
            copy_bytes(given, file)
            if stamp_of(os.fstat(given.fileno())) != stamp:
                raise IndexChangingError(f"{source} changed while it was read: install it when it is whole.")
            previous = _kept(target)
    except OSError as error:
        raise StorageError(f"{target} cannot be written ({error.strerror}): make room there. It is as it was.") from error
    return index, previous


def _kept(target: Path) -> Path | None:
    """Give the installed file a second name, in place of the one before it."""
    if not target.exists():
        return None
    previous = target.with_name(target.name + PREVIOUS_SUFFIX)
    aside = target.with_name(f".{previous.name}.link")
    try:
        aside.unlink(missing_ok=True)
        os.link(target, aside)
        aside.replace(previous)
    except OSError:
        return None
    return previous
