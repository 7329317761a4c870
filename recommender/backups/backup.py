"""Making a backup and restoring one.

A backup is a folder: `backup.json` (what it is), the database's dump, `index.pkl`, `images/`, `heads/`. The database is
copied first: a row is written only when its preview is on disk, so every row of the dump has its picture in what is copied
after it.
"""

import json
import os
import secrets
import shutil
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from django.conf import settings

import recommender
from catalog.models import Item
from recommender.backups import database
from recommender.backups.errors import BackupError
from recommender.database import ensure_tables
from recommender.files import PART_SUFFIX, atomic_write

DESCRIPTION: Final = "backup.json"
INDEX: Final = "index.pkl"
IMAGES: Final = "images"
HEADS: Final = "heads"
_PASSING: Final = (PART_SUFFIX, ".lock")  # files of a run that is under way


@dataclass(frozen=True, slots=True)
class Description:
    """What a backup holds. database: the dump's file name; created: ISO 8601; index: whether there was one."""

    version: str
    created: str
    database: str
    items: int
    pictures: int
    index: bool = False  # backups of before 0.4.0 do not say


@dataclass(frozen=True, slots=True)
class Copied:
    """Files of a folder that were copied, that stood there already, and that were removed from the copy."""

    new: int
    unchanged: int
    removed: int


def back_up(folder: Path) -> tuple[Description, Copied]:
    """Write everything into `folder`, which may hold an earlier backup: only pictures that changed are copied again.

    Raises BackupError, DatabaseError, OSError; an earlier backup can then still be restored.
    """
    folder.mkdir(parents=True, exist_ok=True)
    items = Item.objects.count()
    dump = folder / database.file_name()
    aside = dump.with_name(f".{dump.name}.{secrets.token_hex(8)}{PART_SUFFIX}")
    try:
        database.dump(aside)
        aside.replace(dump)
    finally:
        aside.unlink(missing_ok=True)
    has_index = settings.INDEX_PATH.is_file()
    if has_index:
        _copy(settings.INDEX_PATH, folder / INDEX)
    if settings.HEADS_DIR.is_dir():
        mirror(settings.HEADS_DIR, folder / HEADS, remove=True)
    copied = mirror(settings.IMAGES_DIR, folder / IMAGES, remove=True)
    os.sync()  # before it is called complete
    described = Description(
        recommender.__version__,
        datetime.now(UTC).isoformat(timespec="seconds"),
        dump.name,
        items,
        copied.new + copied.unchanged,
        has_index,
    )
    with atomic_write(folder / DESCRIPTION) as file:
        file.write(json.dumps(asdict(described), indent=1).encode())
    return described, copied


def describe(folder: Path) -> Description:
    """What the backup in `folder` holds. Raises BackupError where there is none that can be restored here."""
    try:
        described = Description(**json.loads((folder / DESCRIPTION).read_bytes()))
    except (OSError, ValueError, TypeError) as error:
        raise BackupError(f"{folder} holds no complete backup ({error}).") from error
    if described.database != database.file_name():
        kind = next((name for name, file in database.FILES.items() if file == described.database), "another database")
        raise BackupError(f"{folder} is a backup of {kind}: set DATABASE_URL to such a database.")
    for name, kept in ((described.database, True), (INDEX, described.index)):
        if kept and not (folder / name).is_file():
            raise BackupError(f"{folder} lacks {name}: it was not copied completely.")
    pictures = sum(entry.is_file() for entry in os.scandir(folder / IMAGES)) if (folder / IMAGES).is_dir() else 0
    if pictures < described.pictures:
        raise BackupError(f"{folder / IMAGES} holds {pictures} of {described.pictures} pictures: it was not copied completely.")
    return described


def restore(folder: Path) -> Copied:
    """Put database, previews and index back, and bring an older schema up to date. Pictures that came since stay.

    The site must be stopped: it would write to what is being replaced. Raises BackupError, DatabaseError, OSError.
    """
    described = describe(folder)
    database.restore(folder / described.database)
    ensure_tables()
    copied = mirror(folder / IMAGES, settings.IMAGES_DIR, remove=False)
    if (folder / HEADS).is_dir():
        mirror(folder / HEADS, settings.HEADS_DIR, remove=False)
    if (folder / INDEX).is_file():
        settings.INDEX_PATH.parent.mkdir(parents=True, exist_ok=True)
        _copy(folder / INDEX, settings.INDEX_PATH)
    return copied


def mirror(source: Path, target: Path, *, remove: bool) -> Copied:
    """Copy the files of `source` to `target` that differ in size or time. remove: what `source` has no longer goes."""
    target.mkdir(parents=True, exist_ok=True)
    new = unchanged = removed = 0
    held = {entry.name: entry for entry in os.scandir(target)}
    met = set()
    for entry in os.scandir(source) if source.is_dir() else ():
        if entry.name.endswith(_PASSING) or not entry.is_file(follow_symlinks=False):
            continue
        met.add(entry.name)
        if entry.name in held and _same(entry, held[entry.name]):
            unchanged += 1
            continue
        _copy(Path(entry.path), target / entry.name)
        new += 1
    if remove:
        for name in held.keys() - met:
            if held[name].is_file(follow_symlinks=False):
                (target / name).unlink()
                removed += 1
    return Copied(new, unchanged, removed)


def _same(one: os.DirEntry[str], other: os.DirEntry[str]) -> bool:
    first, second = one.stat(), other.stat()
    return (first.st_size, first.st_mtime_ns) == (second.st_size, second.st_mtime_ns)


def _copy(source: Path, target: Path) -> None:
    """A copy with the original's time, renamed into its place: whoever reads there sees the old file or the new one."""
    aside = target.with_name(f".{target.name}.{secrets.token_hex(8)}{PART_SUFFIX}")
    try:
        stat = source.stat()
        shutil.copyfile(source, aside)
        os.utime(aside, ns=(stat.st_atime_ns, stat.st_mtime_ns))
        aside.replace(target)
    finally:
        aside.unlink(missing_ok=True)
