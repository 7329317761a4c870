"""A client may be slow: it holds a connection, never a thread. The real server, over loopback."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from recommender.launch import THREADS
from recommender.serving.parser import MAX_BODY_BYTES
from tests.recommender.serving_site import answer, send, serving

APPLICATION = "tests.recommender.serving_app:application"
HOST = b"Host: 127.0.0.1\r\n"
CLOSE = b"Connection: close\r\n\r\n"
GET = b"GET /page HTTP/1.1\r\n" + HOST + CLOSE


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "TRUSTED_PROXY": "127.0.0.1"}
    with serving(environment, APPLICATION) as (port, _server):
        yield port


def ask(port: int, request: bytes) -> bytes:
    with send(port, request) as connection:
        return answer(connection)


def listens(port: int) -> bool:
    try:
        send(port, b"").close()
    except OSError:
        return False
    return True


@pytest.mark.parametrize(
    "begun",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"GET /items/ HTTP/1.1\r\nHost: 127", id="half a head"),
        pytest.param(
            b"POST /search/photo/ HTTP/1.1\r\n" + HOST + b"Content-Length: 3000000\r\n\r\nabc", id="an upload that trickles"
        ),
        pytest.param(b"GET /large HTTP/1.1\r\n" + HOST + b"\r\n", id="an answer that is not read"),
    ],
)
def test_pages_go_on_beside_more_slow_clients_than_threads(port: int, begun: bytes) -> None:
    with ExitStack() as stack:
        for _ in range(3 * THREADS):
            stack.enter_context(send(port, begun))
        assert ask(port, GET).endswith(b"GET |/page none 0 127.0.0.1")


def test_an_upload_that_comes_in_pieces_is_whole(port: int) -> None:
    with send(port, b"POST /a HTTP/1.1\r\n" + HOST + b"Content-Length: 6\r\nConnection: close\r\n\r\nabc") as connection:
        assert ask(port, GET).startswith(b"HTTP/1.1 200")
        connection.sendall(b"def")
        assert answer(connection).endswith(b"POST |/a 6 6 127.0.0.1")


def test_the_body_of_a_get_is_not_waited_for(port: int) -> None:
    """Nor read away: the answer is there at once, and the connection is over."""
    head = ask(port, b"GET /page HTTP/1.1\r\n" + HOST + b"Content-Length: 5000\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert b"Connection: close" in head


@pytest.mark.parametrize("expects", [b"", b"Expect: 100-continue\r\n"])
def test_chunks_without_a_length_are_411(port: int, expects: bytes) -> None:
    head = b"POST /search/photo/ HTTP/1.1\r\n" + HOST + expects + b"Transfer-Encoding: chunked\r\n\r\n"
    got = ask(port, head + (b"" if expects else b"5\r\nabc"))
    assert got.startswith(b"HTTP/1.1 411 Length Required")
    assert got.endswith(b"Send the body with a Content-Length.\n")
    assert b"X-Content-Type-Options: nosniff" in got


def test_the_site_refuses_too_large_a_body_by_its_length_while_it_is_still_sent(port: int) -> None:
    size = MAX_BODY_BYTES + 1
    with send(port, b"POST /search/photo/ HTTP/1.1\r\n" + HOST + f"Content-Length: {size}\r\n\r\n".encode()) as connection:
        sender = threading.Thread(target=connection.sendall, args=(bytes(size),))
        sender.start()
        got = answer(connection)
        sender.join(60)
    assert got.endswith(f"POST |/search/photo/ {size} 0 127.0.0.1".encode())


@pytest.mark.parametrize("name", [b"SCRIPT_NAME", b"SCRIPT-NAME"])
def test_a_client_does_not_name_the_path_that_the_site_lives_below(port: int, name: bytes) -> None:
    got = ask(port, b"GET /page HTTP/1.1\r\n" + HOST + name + b": /evil\r\n" + CLOSE)
    assert got.endswith(b"GET |/page none 0 127.0.0.1")


def test_the_proxy_that_is_trusted_names_the_client(port: int) -> None:
    got = ask(port, b"GET /page HTTP/1.1\r\n" + HOST + b"X-Forwarded-For: 198.51.100.1, 203.0.113.7\r\n" + CLOSE)
    assert got.endswith(b" 203.0.113.7")


def test_what_is_no_request_is_a_line(port: int) -> None:
    got = ask(port, b"nonsense\r\n\r\n")
    assert got.startswith(b"HTTP/1.0 400 Bad Request")
    assert b"Traceback" not in got


def test_who_opens_too_many_connections_loses_the_oldest() -> None:
    limit = 30
    served = serving({"DJANGO_SETTINGS_MODULE": "tests.settings"}, APPLICATION, f"--worker-connections={limit}")
    with served as (port, _server), ExitStack() as stack:
        opened = [stack.enter_context(send(port, b"")) for _ in range(2 * limit)]
        assert ask(port, GET).startswith(b"HTTP/1.1 200")
        assert opened[0].recv(1) == b""


def test_a_stopping_server_finishes_what_it_answers(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings", "WAIT_FOR": str(pipe)}
    with serving(environment, APPLICATION) as (port, server):
        with send(port, b"GET /wait HTTP/1.1\r\n" + HOST + b"\r\n") as waiting, socket.create_connection(("127.0.0.1", port)):
            with pipe.open("wb"):  # opens when the application has
                server.terminate()
                deadline = time.monotonic() + 30
                while listens(port):
                    assert time.monotonic() < deadline
            assert answer(waiting).endswith(b"GET |/wait none 0 127.0.0.1")
        assert server.wait(30) == 0
