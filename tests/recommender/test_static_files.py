"""Static files are gathered once, and again when one has changed."""

import os
from pathlib import Path

import pytest
from pytest_django import Settings

from recommender.static_files import GzipManifestStorage, collect_static_files


@pytest.fixture
def source(settings: Settings, tmp_path: Path) -> Path:
    """One static file, and a folder to gather into."""
    settings.STATIC_ROOT = tmp_path / "gathered"
    folder = tmp_path / "static"
    folder.mkdir()
    settings.STATICFILES_DIRS = [folder]
    settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
    (folder / "a.css").write_text("a {}")
    return folder


def test_what_has_not_changed_is_not_gathered_again(source: Path, settings: Settings) -> None:
    assert collect_static_files()
    assert (Path(settings.STATIC_ROOT) / "a.css").is_file()
    assert not collect_static_files()


def test_a_changed_file_is_gathered(source: Path, settings: Settings) -> None:
    collect_static_files()
    (source / "a.css").write_text("b {}")
    os.utime(source / "a.css", (1, 1))
    assert collect_static_files()


def test_brotli_is_left_out() -> None:
    assert not GzipManifestStorage().create_compressor(quiet=True).use_brotli
