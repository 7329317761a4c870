"""What a process does with its connections now and then, and when it gives way to another: without a server."""

import subprocess
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest
from waitress import wasyncore
from waitress.channel import HTTPChannel

from recommender.serving import worker as serving
from recommender.serving.connections import HEAD_SECONDS, IDLE_SECONDS, Connection
from recommender.serving.worker import BufferedWorker


def connection(waiting: float, *, answering: bool = False) -> Connection:
    """One that has sent nothing for so many seconds, or waits for its answer."""
    one = Connection.__new__(Connection)
    one.request, one.requests, one.total_outbufs_len = None, [SimpleNamespace()] if answering else [], 0
    one._lingers_until, one.will_close = None, False
    one.last_activity = time.time() - waiting
    return one


@pytest.fixture
def worker(monkeypatch: pytest.MonkeyPatch) -> BufferedWorker:
    """A process that never waits for anything to happen."""
    monkeypatch.setattr(wasyncore, "loop", lambda *_, **__: None)
    monkeypatch.setattr(BufferedWorker, "notify", lambda _worker: None)
    one = BufferedWorker.__new__(BufferedWorker)
    one._map, one._listeners, one._next_housekeeping = {}, [], 0.0
    return one


def closed(worker: BufferedWorker, limit: int, *connections: Connection) -> list[bool]:
    """Which of them are closed in a process that keeps `limit`."""
    worker._map.update(enumerate(connections))
    worker._turn(limit)
    return [one.will_close for one in connections]


def test_who_is_overdue_is_closed(worker: BufferedWorker) -> None:
    assert closed(worker, 100, connection(IDLE_SECONDS + 1), connection(HEAD_SECONDS)) == [True, False]


def test_in_a_crowd_the_longest_waiting_are_closed_and_nobody_who_is_answered(worker: BufferedWorker) -> None:
    crowd = [connection(30, answering=True), connection(3), connection(20), connection(2), connection(1)]
    assert closed(worker, len(crowd), *crowd) == [False, False, True, False, False]


def test_a_process_gives_way_after_its_number_of_requests(worker: BufferedWorker) -> None:
    worker.nr, worker.max_requests, worker.alive = 0, 2, True
    worker.wsgi = lambda _environ, _start_response: [b"answer"]
    alive: list[Any] = []
    for _ in range(2):
        assert list(worker._answer({}, lambda *_: None)) == [b"answer"]
        alive.append(worker.alive)
    assert alive == [True, False]


def test_a_stopping_process_closes_who_waits_and_lets_who_is_answered_finish(
    worker: BufferedWorker, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered, waiting = connection(0, answering=True), connection(0)
    worker.cfg = SimpleNamespace(graceful_timeout=30)
    worker._map.update(enumerate([answered, waiting]))
    monkeypatch.setattr(serving, "_KEPT_ALIVE_WHILE_STOPPING_S", 0)
    monkeypatch.setattr(wasyncore, "loop", lambda *_, **__: worker._map.clear())  # both are gone after one turn
    worker._stop()
    assert [answered.will_close, waiting.will_close] == [False, True]


@pytest.mark.parametrize(("stopping", "headers"), [(True, {"CONNECTION": "close"}), (False, {})])
def test_a_request_that_comes_while_stopping_is_the_last_of_its_connection(
    monkeypatch: pytest.MonkeyPatch, stopping: bool, headers: dict[str, str]
) -> None:
    one = connection(0)
    one.server = SimpleNamespace(stopping=stopping)
    request = SimpleNamespace(body_left=False, headers={})

    def received(channel: HTTPChannel, _data: bytes) -> bool:
        channel.requests.append(request)
        return True

    monkeypatch.setattr(HTTPChannel, "received", received)
    assert one.received(b"GET / HTTP/1.1\r\n\r\n")
    assert request.headers == headers


def test_without_a_trusted_proxy_nobody_is_believed() -> None:
    assert serving._trusted_proxy("") == {}


def test_the_processes_fork_after_the_rates_are_there() -> None:
    """Else each would count for itself."""
    code = "import sys, recommender.serving.worker; sys.exit('recommender.rates' not in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=120).returncode == 0
