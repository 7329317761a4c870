"""System checks, by id."""

import pytest
from django.conf import settings
from django.core.checks import run_checks

from catalog.checks import cache_folder, images_folder, index_file
from tests.catalog.builders import write_index


def ids(check: object) -> list[str | None]:
    return [message.id for message in check(None)]  # type: ignore[operator]


def test_all_is_well() -> None:
    write_index()
    assert ids(images_folder) + ids(index_file) + ids(cache_folder) == []


def test_no_folder_of_previews_is_w001() -> None:
    settings.IMAGES_DIR.rmdir()
    assert ids(images_folder) == ["catalog.W001"]


def test_no_index_is_w002() -> None:
    assert ids(index_file) == ["catalog.W002"]


def test_a_damaged_index_is_w003() -> None:
    settings.INDEX_PATH.parent.mkdir()
    settings.INDEX_PATH.write_bytes(b"not an index")
    assert ids(index_file) == ["catalog.W003"]


def test_a_cache_that_cannot_be_written_is_w004() -> None:
    settings.CACHE_DIR.write_text("a file where a folder should be")
    assert ids(cache_folder) == ["catalog.W004"]


@pytest.mark.django_db
def test_they_are_registered() -> None:
    settings.IMAGES_DIR.rmdir()
    found = {message.id for message in run_checks(include_deployment_checks=True)}
    assert {"catalog.W001", "catalog.W002"} <= found


@pytest.mark.django_db
def test_other_commands_are_not_troubled() -> None:
    assert not [message for message in run_checks() if str(message.id).startswith("catalog.W")]
