"""One request ends in bounded time and bytes, whichever part of its answer drips or never ends."""

import itertools
import socket
import time
from collections.abc import Callable, Iterable

import pytest

from scraping.errors import FetchError
from scraping.fetching.client import Fetcher, Limits
from tests.scraping.raw_server import raw_server

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def fetch(answer: Callable[[socket.socket], None], limits: Limits, max_bytes: int = 1000) -> bytes:
    with raw_server(answer) as url:
        fetcher = Fetcher(url, user_agent="t", delay=0, limits=limits)
        try:
            return fetcher.get(f"{url}/a", max_bytes=max_bytes).body
        finally:
            fetcher.close()


def sends(first: bytes, again: bytes) -> Callable[[socket.socket], None]:
    """Sends `first`, then `again` as fast as it is taken, without end."""

    def answer(connected: socket.socket) -> None:
        connected.sendall(first)
        for _ in itertools.repeat(None):
            connected.sendall(again * 1000)

    return answer


def drips(pieces: Iterable[bytes]) -> Callable[[socket.socket], None]:
    """Sends a piece every 20 ms: far within the time that one read may take."""

    def answer(connected: socket.socket) -> None:
        for piece in pieces:
            connected.sendall(piece)
            time.sleep(0.02)

    return answer


@pytest.mark.parametrize(
    "pieces",
    [
        itertools.chain([b"HTTP/1.1 200 "], itertools.repeat(b"O")),
        itertools.chain([OK], itertools.repeat(b"X")),
        itertools.chain(itertools.repeat(b"HTTP/1.1 100 Continue\r\n\r\n")),
        itertools.chain([OK + b"Content-Length: 900\r\n\r\n"], itertools.repeat(b"x")),
        itertools.chain([CHUNKED], itertools.repeat(b"0")),
        itertools.chain([CHUNKED], itertools.repeat(b"1\r\nx\r\n")),
    ],
    ids=["status line", "headers", "100 Continue", "body", "chunk size", "chunks"],
)
def test_what_drips_ends_with_the_request_s_time(pieces: Iterable[bytes]) -> None:
    with pytest.raises(FetchError, match=r"no answer in time: not complete after 0\.3 s"):
        fetch(drips(pieces), Limits(read=2, request=0.3, tries=1))


@pytest.mark.parametrize(
    ("first", "again", "told"),
    [
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n", "too large: the answer goes on and on"),
        (CHUNKED, b"0", "connection failed|truncated"),
        (CHUNKED + b"0\r\n", b"X: y\r\n", "too large: the answer goes on and on"),
        (CHUNKED, b"1\r\nx\r\n", "too large: more than 1,000 bytes"),
        (OK, b"X: y\r\n", "connection failed"),
        (OK + b"\r\n", b"x", "too large: more than 1,000 bytes"),
    ],
    ids=["100 Continue", "chunk size", "trailers", "chunks", "headers", "body"],
)
def test_what_never_ends_is_given_up(first: bytes, again: bytes, told: str) -> None:
    with pytest.raises(FetchError, match=told):
        fetch(sends(first, again), Limits(read=2, request=20, tries=1))


def test_what_comes_slowly_but_in_time_arrives() -> None:
    body = (OK, b"Content-Length: 4\r\n", b"\r\n", b"ab", b"cd")
    assert fetch(drips(body), Limits(read=2, request=10, tries=1)) == b"abcd"


@pytest.mark.parametrize(
    "answer",
    [
        b"", b"\xff\xfe\r\n\r\n", b"HTTP/1.1 999\r\n\r\n", b"HTTP/9.9 200 OK\r\n\r\n",
        OK + b"Content-Length: 5, 6\r\n\r\nhello",
        b"HTTP/1.1 302 Found\r\nLocation: http://[x/\r\n\r\n", b"HTTP/1.1 302 Found\r\nLocation: \xff\xfe://\r\n\r\n",
        b"HTTP/1.1 429 No\r\nRetry-After: " + b"9" * 5000 + b"\r\nContent-Length: 0\r\n\r\n",
        CHUNKED + b"-5\r\nhello\r\n", OK + b"Content-Encoding: zstd\r\nContent-Length: 1\r\n\r\nx",
        OK + b"Content-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx",
    ],
)  # fmt: skip
def test_answers_that_are_none_raise_our_own_error(answer: bytes) -> None:
    with pytest.raises(FetchError):
        fetch(lambda connected: connected.sendall(answer), Limits(read=2, request=5, tries=1, patience=1))
