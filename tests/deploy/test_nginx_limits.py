"""What nginx holds off before it reaches the site: the slow, the greedy, the too large."""

import http.client
import select
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.deploy.nginx import AS_SHIPPED, nginx

pytestmark = pytest.mark.usefixtures("require_nginx")

LONG = 20_000_000  # bytes: more than the sockets' own buffers take


@dataclass
class Behind:
    """A server behind nginx: nginx's port, and what has reached it."""

    port: int = 0
    asked: list[str] = field(default_factory=list)
    sent: threading.Event = field(default_factory=threading.Event)


@contextmanager
def site_behind_nginx(folder: Path, changed: Mapping[str, str] = AS_SHIPPED) -> Iterator[Behind]:
    behind = Behind()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            behind.asked.append(self.path)
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            body = b"0" * (LONG if self.path == "/long" else 1)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
            behind.sent.set()

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_args: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with nginx(folder / "nginx", server.server_port, folder, changed) as behind.port:
            yield behind
        server.shutdown()


def send(port: int, text: str, source: str = "127.0.0.1") -> socket.socket:
    connection = socket.create_connection(("127.0.0.1", port), timeout=30, source_address=(source, 0))
    connection.sendall(text.encode())
    return connection


def ask(port: int, path: str, source: str) -> int:
    """The status of a small POST from that address."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30, source_address=(source, 0))) as connection:
        connection.request("POST", path, b"0")
        return connection.getresponse().status


def half_an_upload(path: str, length: int = 1000) -> str:
    return f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: image/jpeg\r\nContent-Length: {length}\r\n\r\n0"


@pytest.mark.parametrize(
    ("line", "second", "sent"),
    [
        ("client_header_timeout 10s;", "client_header_timeout 1s;", "GET / HTTP/1.1\r\nHost: a\r\nX-Slow:"),
        ("client_body_timeout 15s;", "client_body_timeout 1s;", half_an_upload("/api/v1/search")),
    ],
    ids=["head", "body"],
)
def test_who_stops_sending_is_dropped(tmp_path: Path, line: str, second: str, sent: str) -> None:
    with site_behind_nginx(tmp_path, {line: second}) as behind, closing(send(behind.port, sent)) as connection:
        try:
            answer = connection.recv(100)
        except ConnectionResetError:  # reset_timedout_connection
            answer = b""
        assert answer == b"" or b" 408 " in answer
        assert behind.asked == []


def test_who_stops_reading_is_dropped(tmp_path: Path) -> None:
    asked = "GET /long HTTP/1.1\r\nHost: a\r\n\r\n"
    quick = {"send_timeout 20s;": "send_timeout 1s;"}
    with site_behind_nginx(tmp_path, quick) as behind, closing(send(behind.port, asked)) as connection:
        ended = select.poll()
        ended.register(connection, 0)  # wakes up at a reset, not for what could be read
        assert ended.poll(30_000)


def test_the_site_gets_a_photo_when_all_of_it_is_there(tmp_path: Path) -> None:
    with site_behind_nginx(tmp_path) as behind, closing(send(behind.port, half_an_upload("/search/photo/", 2))) as slow:
        # As much as nginx would need to pass the half on.
        assert {ask(behind.port, "/items/", "127.0.0.1") for _ in range(20)} == {200}
        assert set(behind.asked) == {"/items/"}
        slow.sendall(b"0")
        assert b" 200 " in slow.recv(100)
        assert behind.asked[-1] == "/search/photo/"


def test_the_site_does_not_wait_for_who_reads_slowly(tmp_path: Path) -> None:
    with site_behind_nginx(tmp_path) as behind, closing(send(behind.port, "GET /long HTTP/1.1\r\nHost: a\r\n\r\n")):
        assert behind.sent.wait(30), "the answer is held back by its reader"


@pytest.mark.parametrize(
    ("path", "addresses", "of_each"),
    [("/search/photo/", 1, 8), ("/api/v1/search", 1, 8), ("/search/photo/", 3, 8), ("/items/", 1, 100)],
    ids=["photos", "api", "photos of all", "requests"],
)
def test_requests_at_once_are_bounded(tmp_path: Path, path: str, addresses: int, of_each: int) -> None:
    """By each address, and photos by all addresses together."""
    with site_behind_nginx(tmp_path) as behind, ExitStack() as held:
        for one in range(addresses):
            for _ in range(of_each):
                held.enter_context(send(behind.port, half_an_upload(path), f"127.0.0.{one + 2}"))
        last = f"127.0.0.{addresses + 1 if addresses == 1 else addresses + 2}"
        # nginx's other process may not have looked at the last of those above yet: then one is let through.
        assert any(ask(behind.port, path, last) == 429 for _ in range(200))
        assert ask(behind.port, "/items/", "127.0.0.99") == 200


@pytest.mark.parametrize(
    ("path", "megabytes", "taken"),
    [
        ("/taste/judge/", 1, True),
        ("/taste/judge/", 2, False),
        ("/search/photo/", 20, True),
        ("/search/photo/", 22, False),
        ("/api/v1/search", 22, False),
        ("/api/v1/embed", 22, False),
        ("/api/v1/items", 16, True),
        ("/api/v1/items", 17, False),
    ],
)
def test_bodies_are_bounded(tmp_path: Path, path: str, megabytes: int, taken: bool) -> None:
    """By their length alone: nothing of the body need come for a refusal."""
    upload = half_an_upload(path, megabytes * 2**20)
    with site_behind_nginx(tmp_path) as behind, closing(send(behind.port, upload)) as connection:
        if taken:
            connection.sendall(b"0" * (megabytes * 2**20 - 1))
        assert (b" 200 " if taken else b" 413 ") in connection.recv(100)
