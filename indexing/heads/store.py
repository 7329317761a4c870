"""Where heads are kept: a folder of files named by their digests, and one line that says which of them builds use.

An index names its head by digest, so that the site can search it by photo while the next head is learned.
"""

import hashlib
from pathlib import Path
from typing import Final

from indexing.errors import WeightsError
from indexing.heads.head import Head, read_head
from recommender.files import atomic_write

CURRENT: Final = "current"


def current_head(folder: Path) -> Head | None:
    """The head that builds use; None where none was learned. Raises WeightsError when its file is not there or damaged."""
    try:
        digest = (folder / CURRENT).read_text(encoding="ascii", errors="replace").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise WeightsError(f"{folder / CURRENT} cannot be read: {error.strerror}.") from error
    return load_head(folder, digest)


def load_head(folder: Path, digest: str) -> Head:
    """The head of that digest. Raises WeightsError when its file is not there or damaged."""
    path = head_path(folder, digest)
    name = f"{folder.name}/{path.name}"  # a page may show it: not the whole path
    way_out = "put it back from a backup, or run learn_head, or learn_head --forget; then build_index"
    try:
        data = path.read_bytes()
    except OSError as error:
        raise WeightsError(f"The learned head {name} cannot be read ({error.strerror}): {way_out}.") from error
    try:
        if hashlib.sha256(data).hexdigest() != digest:
            raise ValueError("its bytes are not those of its name")
        return read_head(data)
    except ValueError as error:
        raise WeightsError(f"The learned head {name} cannot be used, {error}: {way_out}.") from error


def keep_head(folder: Path, head: Head, *, in_use: str = "") -> Path:
    """Write `head` and have builds use it; older ones go, but for the one of the digest `in_use`. Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True)
    digest = head.digest
    with atomic_write(head_path(folder, digest)) as file:
        file.write(head.to_bytes())
    with atomic_write(folder / CURRENT) as file:
        file.write(f"{digest}\n".encode())
    for path in folder.glob("*.npz"):
        if path not in (head_path(folder, digest), head_path(folder, in_use)):
            path.unlink(missing_ok=True)
    return head_path(folder, digest)


def forget_head(folder: Path) -> bool:
    """Have builds use the bundled head again; whether there was another. Files stay: an index may name one."""
    there = (folder / CURRENT).is_file()
    (folder / CURRENT).unlink(missing_ok=True)
    return there


def head_path(folder: Path, digest: str) -> Path:
    """Where the head of that digest is kept."""
    return folder / f"{digest}.npz"
