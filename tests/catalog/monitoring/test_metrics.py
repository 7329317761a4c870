"""/metrics: off without a token, refused without the right one; counted over all processes."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any
from unittest.mock import patch

import pytest
from django.db import OperationalError, connection
from django.test import Client
from django.utils import timezone
from prometheus_client import values
from prometheus_client.parser import text_string_to_metric_families
from pytest_django import Settings

from catalog.monitoring import metrics
from catalog.monitoring.metrics import Counters
from catalog.owner.models import Run
from catalog.photo.inference_pool import BoundedPool

TOKEN = {"authorization": "Bearer secret"}


@pytest.fixture
def on(settings: Settings) -> Iterator[None]:
    settings.METRICS_TOKEN = "secret"
    metrics._made.cache_clear()
    yield
    metrics._made.cache_clear()


def samples(text: str) -> dict[tuple[str, tuple[str, ...]], float]:
    """Each value by its name and the values of its labels."""
    families = text_string_to_metric_families(text)
    return {(one.name, tuple(sorted(one.labels.values()))): one.value for family in families for one in family.samples}


def read(client: Client) -> dict[tuple[str, tuple[str, ...]], float]:
    response = client.get("/metrics", headers=TOKEN)
    assert response.status_code == 200
    assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    return samples(response.content.decode())


def test_without_a_token_there_is_none(client: Client, db: None) -> None:
    assert client.get("/metrics").status_code == 404


@pytest.mark.usefixtures("on", "catalogue")
@pytest.mark.parametrize(
    "sent", [{}, {"authorization": "Bearer other"}, {"authorization": "Bearer "}, {"authorization": "\u00fc"}]
)
def test_without_the_right_token_it_is_401(client: Client, sent: dict[str, str]) -> None:
    response = client.get("/metrics", headers=sent)
    assert (response.status_code, response.headers["WWW-Authenticate"]) == (401, "Bearer")
    assert "site_requests" not in response.content.decode()


@pytest.mark.usefixtures("on", "catalogue")
def test_requests_are_counted_by_view_method_and_status(client: Client) -> None:
    for address in ("/items/a/", "/items/b/", "/items/zzz/", "/nowhere", "/api/v1/items/a"):
        client.get(address)
    client.generic("BREW", "/items/a/")
    found = read(client)
    assert found["site_requests_total", ("200", "GET", "catalog:item")] == 2
    assert found["site_requests_total", ("404", "GET", "catalog:item")] == 1
    assert found["site_requests_total", ("404", "GET", "none")] == 1
    assert found["site_requests_total", ("200", "GET", "api:item")] == 1
    assert found["site_requests_total", ("405", "catalog:item", "other")] == 1
    assert found["site_request_seconds_count", ("catalog:item",)] == 4
    assert found["site_request_seconds_bucket", ("+Inf", "catalog:item")] == 4


@pytest.mark.usefixtures("on", "catalogue")
def test_index_and_catalogue_tell_size_and_age(client: Client) -> None:
    Run.objects.create(command="scrape", started_at=timezone.now() - timedelta(hours=9))
    Run.objects.create(command="import_products", started_at=timezone.now() - timedelta(hours=2), seconds=3600)
    Run.objects.create(command="scrape", started_at=timezone.now(), outcome="failed")
    Run.objects.create(command="build_index", started_at=timezone.now())
    found = read(client)
    assert found["site_index_items", ()] == 6
    assert found["site_index_age_seconds", ()] > 0
    assert found["site_items_on_sale", ()] == 6
    assert found["site_database_up", ()] == 1
    assert 3500 < found["site_scrape_age_seconds", ()] < 3700


@pytest.mark.usefixtures("on", "db")
def test_what_is_not_known_is_left_out(client: Client) -> None:
    found = read(client)
    assert found["site_index_items", ()] == 0
    assert not {"site_index_age_seconds", "site_scrape_age_seconds"} & {name for name, _labels in found}


@pytest.mark.usefixtures("on", "catalogue")
def test_a_database_that_is_away_is_told(client: Client) -> None:
    with patch.object(connection, "cursor", side_effect=OperationalError("gone")):
        assert read(client)["site_database_up", ()] == 0


@pytest.mark.usefixtures("on", "catalogue")
def test_pictures_in_the_queue_are_counted(client: Client) -> None:
    begun, go_on = Event(), Event()
    pool = BoundedPool(workers=1, waiting=1)

    def work() -> None:
        begun.set()
        go_on.wait(30)

    waiting = Thread(target=pool.run, args=(work,))
    waiting.start()
    assert begun.wait(30)
    assert read(client)["site_inference_queue", ()] == 1
    go_on.set()
    waiting.join(30)
    pool._executor.shutdown()
    assert read(client)["site_inference_queue", ()] == 0


def in_a_process(work: Any) -> None:
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(0)
    os.waitpid(child, 0)


@pytest.mark.django_db
def test_processes_are_added_up_and_a_later_one_takes_an_ended_ones_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(metrics.FOLDER, str(tmp_path))

    def serve() -> None:
        counters = Counters(tmp_path)
        counters.count_request("catalog:item", "GET", 200, 0.02)
        counters.queue.inc(1)  # and then it is killed

    kept = values.ValueClass
    mine = Counters(tmp_path)  # place 0, and goes on
    try:
        mine.count_request("catalog:item", "GET", 200, 0.02)
        for _ in range(3):
            in_a_process(serve)
        found = samples(mine.text().decode())
    finally:
        values.ValueClass = kept
        os.close(mine._lock)
    assert found["site_requests_total", ("200", "GET", "catalog:item")] == 4
    assert found["site_request_seconds_count", ("catalog:item",)] == 4
    assert sorted(path.name for path in tmp_path.glob("counter*")) == ["counter_0.db", "counter_1.db"]
    assert found["site_inference_queue", ()] == 1  # of the last one that was killed: the next in its place begins with 0
