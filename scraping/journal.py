"""What each stored preview came from: a journal beside the previews, so that a killed run goes on where it was.

`.previews.jsonl` in the images folder: one JSON object a line; an item's last line counts, half a line does not.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final, Self

from catalog.models import is_item_id
from recommender.files import atomic_write

NAME: Final = ".previews.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """A stored preview: its ItemID, where it came from, its size in bytes, and the shop's marks of its version."""

    item_id: str
    url: str
    size: int
    etag: str = ""
    modified: str = ""


class Journal:
    """Entries by ItemID. Written by one process at a time, the holder of the folder's lock."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / NAME
        self._entries: dict[str, Entry] = {}
        lines = self._path.read_bytes().split(b"\n") if self._path.is_file() else []
        for line in lines:
            entry = _parse(line)
            if entry is not None:
                self._entries[entry.item_id] = entry
        if len(lines) > 2 * len(self._entries) + 1 or (lines and lines[-1]):
            self._rewrite()
        self._file = self._path.open("ab")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def stored(self, item_id: str) -> Entry | None:
        """What is known of this item's preview, if its file is still the one that was written."""
        entry = self._entries.get(item_id)
        if entry is None:
            return None
        try:
            return entry if (self._folder / f"{item_id}.jpg").stat().st_size == entry.size else None
        except OSError:
            return None

    def add(self, entry: Entry) -> None:
        """Note a preview that has just been written; on disk when this returns, short of the machine itself failing."""
        self._entries[entry.item_id] = entry
        self._file.write(_line(entry))
        self._file.flush()

    def _rewrite(self) -> None:
        with atomic_write(self._path) as file:
            file.writelines(_line(entry) for entry in self._entries.values())


def stored_previews(folder: Path) -> list[Path]:
    """The previews in `folder` that its journal knows: those that a scrape wrote, not those put there by hand."""
    path = folder / NAME
    entries = map(_parse, path.read_bytes().split(b"\n")) if path.is_file() else ()
    item_ids = {entry.item_id for entry in entries if entry is not None and is_item_id(entry.item_id)}
    return [preview for item_id in sorted(item_ids) if (preview := folder / f"{item_id}.jpg").is_file()]


def _line(entry: Entry) -> bytes:
    return json.dumps(asdict(entry), ensure_ascii=False).encode() + b"\n"


def _parse(line: bytes) -> Entry | None:
    try:
        return Entry(**json.loads(line))
    except (ValueError, TypeError):
        return None
