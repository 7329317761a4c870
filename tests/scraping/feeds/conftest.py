from collections.abc import Callable
from pathlib import Path

import pytest
from pytest_django import Settings

from tests.scraping.local_shop import picture


@pytest.fixture
def images(settings: Settings, tmp_path: Path) -> Path:
    """The folder of previews."""
    settings.IMAGES_DIR = tmp_path / "previews"
    settings.SCRAPER_DELAY = 0.0
    return tmp_path / "previews"


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a feed, by default UTF-8, and the pictures that it names beside it."""

    def write(name: str, content: str | bytes, pictures: tuple[str, ...] = ("a.jpg", "b.jpg", "c.jpg")) -> Path:
        folder = tmp_path / "feed"
        folder.mkdir(exist_ok=True)
        for number, picture_name in enumerate(pictures):
            (folder / picture_name).write_bytes(picture(50 + 20 * number))
        path = folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write
