"""System checks, by id."""

import pytest
from django.conf import settings
from django.core.checks import run_checks
from django.core.checks.registry import registry
from pytest_django import Settings

from catalog.checks import cache_folder, images_folder, index_file, named_proxy, proxy_in_front, search_rates
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


def test_a_proxy_that_nobody_names_is_w005(settings: Settings) -> None:
    settings.HTTPS, settings.TRUSTED_PROXY = True, ""
    assert ids(named_proxy) == ["catalog.W005"]
    settings.TRUSTED_PROXY = "127.0.0.1"
    assert ids(named_proxy) == []


def test_no_proxy_is_w006(settings: Settings) -> None:
    settings.HTTPS = False
    assert ids(proxy_in_front) == ["catalog.W006"]
    settings.HTTPS = True
    assert ids(proxy_in_front) == []


def test_photos_without_a_rate_are_w007(settings: Settings) -> None:
    settings.SEARCH_RATE_PER_ADDRESS, settings.SEARCH_RATE = 60, 0
    assert ids(search_rates) == ["catalog.W007"]
    settings.SEARCH_RATE = 600
    assert ids(search_rates) == []


def test_without_https_no_proxy_need_be_named(settings: Settings) -> None:
    settings.HTTPS, settings.TRUSTED_PROXY = False, ""
    assert ids(named_proxy) == []


def test_a_folder_that_may_not_be_written_is_w004(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.access", lambda _path, _mode: False)
    assert ids(cache_folder) == ["catalog.W004"]


@pytest.mark.parametrize("check", [images_folder, index_file, cache_folder, named_proxy, proxy_in_front, search_rates])
def test_each_is_asked_before_a_site_is_put_on_the_internet(check: object) -> None:
    assert check in registry.deployment_checks
    assert check not in registry.registered_checks


@pytest.mark.django_db
def test_they_are_registered() -> None:
    settings.IMAGES_DIR.rmdir()
    found = {message.id for message in run_checks(include_deployment_checks=True)}
    assert {"catalog.W001", "catalog.W002"} <= found


@pytest.mark.django_db
def test_other_commands_are_not_troubled() -> None:
    assert not [message for message in run_checks() if str(message.id).startswith("catalog.W")]
