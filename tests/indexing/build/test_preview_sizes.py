"""A preview that is too small or too large to be one is left out, unread."""

from pathlib import Path

import pytest

from indexing.build.previews import MAX_BYTES, read_preview


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "a.jpg"


def write_empty(path: Path, size: int) -> None:
    """A file of `size` zeros that takes no room on the disk."""
    with path.open("wb") as file:
        file.truncate(size)


def test_a_file_of_the_largest_size_is_read(path: Path) -> None:
    write_empty(path, MAX_BYTES)
    data, reason = read_preview(path)
    assert reason is None
    assert data is not None
    assert len(data) == MAX_BYTES


def test_a_larger_file_is_not_read(path: Path) -> None:
    write_empty(path, MAX_BYTES + 1)
    assert read_preview(path) == (None, "50000001 bytes, more than 50 million")


def test_a_smaller_file_than_asked_for_is_not_read(path: Path) -> None:
    path.write_bytes(b"x" * 999)
    assert read_preview(path, min_bytes=1000) == (None, "999 bytes, fewer than --min-bytes 1000")
    assert read_preview(path, min_bytes=999) == (b"x" * 999, None)
