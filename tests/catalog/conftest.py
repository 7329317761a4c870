"""Every test of this room has its own folders, its own index file and no memory of the last test's."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.cache import cache
from pytest_django import Settings

from tests.catalog.builders import add_items, write_index


@pytest.fixture(autouse=True)
def _own_folders(settings: Settings, tmp_path: Path) -> Iterator[None]:
    settings.IMAGES_DIR = tmp_path / "images"
    settings.INDEX_PATH = tmp_path / "index" / "items.pkl"
    settings.CACHE_DIR = tmp_path / "cache"
    settings.IMAGES_DIR.mkdir()
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def catalogue(db: None) -> None:
    """Six items with vectors and rows: tests/catalog/builders.py, POINTS."""
    write_index()
    add_items()
