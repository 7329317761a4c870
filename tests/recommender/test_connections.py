"""Deadlines of connections, and the budget of bodies on their way: without a server."""

import socket
import time
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from waitress.adjustments import Adjustments

from recommender.serving import connections
from recommender.serving.connections import Connection, Refusal
from recommender.serving.parser import RETRY_AFTER_S, SMALL_BODY_BYTES, BodyBudget

LARGE = SMALL_BODY_BYTES + 1


@pytest.fixture
def server() -> SimpleNamespace:
    """What a connection asks of its server."""
    return SimpleNamespace(active_channels={}, stopping=False, tasks=[], add_task=lambda task: None, adj=Adjustments())


@pytest.fixture
def opened(server: SimpleNamespace) -> Iterator[list[socket.socket]]:
    sockets: list[socket.socket] = []
    yield sockets
    for one in sockets:
        one.close()


def connect(server: SimpleNamespace, opened: list[socket.socket], budget: BodyBudget) -> Connection:
    ours, theirs = socket.socketpair()
    opened += [ours, theirs]
    return Connection(budget, server, ours, ("127.0.0.1", 1), Adjustments(), map={})


def upload(size: int) -> bytes:
    return f"POST /search/photo/ HTTP/1.1\r\nHost: a\r\nContent-Length: {size}\r\n\r\n".encode()


@pytest.mark.parametrize(
    ("sent", "allowed"),
    [
        (b"", connections.IDLE_SECONDS),
        (b"GET / HT", connections.HEAD_SECONDS),
        (upload(10), connections.STALLED_SECONDS),
    ],
)
def test_a_client_has_its_time(server: SimpleNamespace, opened: list[socket.socket], sent: bytes, allowed: int) -> None:
    connection = connect(server, opened, BodyBudget())
    connection.received(sent)
    since = connection.last_activity
    assert not connection.is_overdue(since + allowed - 1)
    assert connection.is_overdue(since + allowed + 1)


def test_an_upload_that_trickles_ends_too(server: SimpleNamespace, opened: list[socket.socket]) -> None:
    connection = connect(server, opened, BodyBudget())
    connection.received(upload(1000))
    connection.last_activity += connections.BODY_SECONDS  # a byte has just come
    now = connection.last_activity
    assert not connection.is_overdue(now - 1)
    assert connection.is_overdue(now + 1)


def test_a_head_that_trickles_ends_too(server: SimpleNamespace, opened: list[socket.socket]) -> None:
    connection = connect(server, opened, BodyBudget())
    connection.received(b"GET / HT")
    connection.last_activity += connections.HEAD_SECONDS  # a byte has just come
    assert not connection.is_overdue(connection.last_activity - 1)
    assert connection.is_overdue(connection.last_activity + 1)


def test_a_client_that_was_answered_may_not_send_for_ever(server: SimpleNamespace, opened: list[socket.socket]) -> None:
    connection = connect(server, opened, BodyBudget())
    connection.received(b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 5000\r\n\r\n")
    connection.requests, connection.close_when_flushed = [], True  # answered
    before = time.time()
    connection.handle_write()
    assert not connection.is_overdue(before + connections.LINGER_SECONDS - 1)
    connection.last_activity += 10_000  # it sends and sends
    assert connection.is_overdue(time.time() + connections.LINGER_SECONDS + 1)


def test_a_request_that_is_being_answered_is_never_overdue(server: SimpleNamespace, opened: list[socket.socket]) -> None:
    connection = connect(server, opened, BodyBudget())
    connection.received(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert connection.busy
    assert not connection.is_overdue(connection.last_activity + 10_000)


def test_a_client_that_does_not_read_its_answer_is_overdue(server: SimpleNamespace, opened: list[socket.socket]) -> None:
    connection = connect(server, opened, BodyBudget())
    connection.total_outbufs_len = 10
    assert connection.is_overdue(connection.last_activity + connections.STALLED_SECONDS + 1)


def errors(connection: Connection) -> list[int | None]:
    requests: list[Any] = connection.requests
    return [None if request.error is None else request.error.code for request in requests]


def test_large_bodies_are_refused_beyond_the_budget_and_room_comes_back(
    server: SimpleNamespace, opened: list[socket.socket]
) -> None:
    budget = BodyBudget(2 * LARGE)
    first, second, third, small = (connect(server, opened, budget) for _ in range(4))
    for connection in (first, second, third):
        connection.received(upload(LARGE))
    assert (errors(first), errors(second), errors(third)) == ([], [], [503])
    small.received(upload(5) + b"abcde")
    assert errors(small) == [None]
    first.handle_close()
    fourth = connect(server, opened, budget)
    fourth.received(upload(LARGE))
    assert errors(fourth) == []


def test_who_is_refused_for_want_of_room_is_told_when_to_come_again(
    server: SimpleNamespace, opened: list[socket.socket]
) -> None:
    connection = connect(server, opened, BodyBudget(0))
    connection.received(upload(LARGE))
    sent: list[bytes] = []
    connection.write_soon = sent.append
    (request,) = connection.requests
    Refusal(connection, request).execute()
    head = b"".join(sent).decode()
    assert head.startswith("HTTP/1.1 503 Service Unavailable")
    assert f"Retry-After: {RETRY_AFTER_S}\r\n" in head
    assert head.endswith("send yours again in a moment.\n")


def test_a_body_that_was_answered_gives_its_room_back(server: SimpleNamespace, opened: list[socket.socket]) -> None:
    budget = BodyBudget(LARGE)
    connection = connect(server, opened, budget)
    connection.received(upload(LARGE) + bytes(LARGE))
    assert errors(connection) == [None]
    assert budget.left == 0
    connection.requests[0].close()
    connection.requests[0].close()
    assert budget.left == LARGE
