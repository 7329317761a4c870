"""After a worker's start the first visitor's waiting is done in the background; what cannot be prepared stops nothing."""

import logging
import threading
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest_django import Settings

from catalog import warm_up
from catalog.index_store import get_loaded
from catalog.map import sprites
from indexing import query
from indexing.errors import EngineError
from indexing.nearest.search import LiveSearch
from indexing.networks import registry
from recommender import background
from recommender.background import BackgroundThread, StoppingError
from tests.catalog.builders import write_index
from tests.indexing.small_networks import SMALL_VGG


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> list[Any]:
    """The manifests whose network was to be opened."""
    settings.WARM_UP = True
    manifests: list[Any] = []
    monkeypatch.setattr(query, "open_if_light", lambda manifest, *_: manifests.append(manifest))
    return manifests


def test_live_search_and_the_network_are_ready(opened: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    monkeypatch.setattr(LiveSearch, "query", lambda _search, queries, k: asked.append(len(queries)))
    write_index()
    warm_up.warm_up()
    index = get_loaded().index
    assert opened == [index.manifest]
    assert asked == [1]


def test_the_maps_sheets_are_begun(opened: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    begun: list[int] = []
    monkeypatch.setattr(sprites, "ensure_sheets", lambda loaded, plan: begun.append(plan.count))
    monkeypatch.setattr("catalog.map.data.has_map", lambda index: True)
    write_index()
    warm_up.warm_up()
    assert begun == [6]


def test_it_can_be_turned_off(opened: list[Any], settings: Settings) -> None:
    settings.WARM_UP = False
    write_index()
    warm_up.warm_up()
    assert opened == []


def test_without_an_index_there_is_nothing_to_prepare(opened: list[Any], caplog: pytest.LogCaptureFixture) -> None:
    warm_up.warm_up()
    assert opened == []
    assert "There is no index" in caplog.text


def test_what_cannot_be_prepared_stops_nothing(
    opened: list[Any], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def refuse(*_: Any) -> None:
        raise EngineError("no memory left")

    monkeypatch.setattr(query, "open_if_light", refuse)
    write_index()
    with caplog.at_level(logging.INFO):
        warm_up.warm_up()
    assert "the first visitor waits for it: no memory left" in caplog.text


@pytest.mark.parametrize("steps", [0, 1])
def test_a_process_that_ends_begins_no_further_step(opened: list[Any], monkeypatch: pytest.MonkeyPatch, steps: int) -> None:
    stopping, searches = threading.Event(), list[int]()

    def search(_search: LiveSearch, _queries: Any, k: int) -> None:
        searches.append(k)
        stopping.set()

    monkeypatch.setattr(background, "_stopping", stopping)
    monkeypatch.setattr(LiveSearch, "query", search)
    if not steps:
        stopping.set()
    write_index()
    with pytest.raises(StoppingError):
        warm_up.warm_up()
    assert (len(searches), opened) == (steps, [])


def test_the_process_waits_for_the_thread_at_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """In C++ a daemon thread that nobody waits for aborts a process that ends."""
    threads: list[threading.Thread] = []
    monkeypatch.setattr(warm_up, "warm_up", lambda _seconds: threads.append(threading.current_thread()))
    warm_up.start()
    for thread in threading.enumerate():
        if thread.name == "warm-up":
            thread.join(60)
    assert [type(thread) for thread in threads] == [BackgroundThread]


@pytest.fixture
def manifest(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    monkeypatch.setitem(registry._NETWORKS, "small-vgg", SMALL_VGG)
    monkeypatch.setattr(query, "embed", lambda picture, *_: np.testing.assert_array_equal(picture, 255))
    return {"network": "small-vgg", "weights": {"digest": "0" * 64}}


def test_only_a_network_that_a_build_left_ready_is_opened(
    manifest: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not query.open_if_light(manifest, tmp_path)
    monkeypatch.setattr(query, "is_cached", lambda *_: True)
    assert query.open_if_light(manifest, tmp_path)
    assert not query.open_if_light({}, tmp_path)


def test_a_large_network_waits_for_its_first_photo(
    manifest: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(query, "is_cached", lambda *_: True)
    assert not query.open_if_light({**manifest, "network": "vgg16"}, tmp_path)
