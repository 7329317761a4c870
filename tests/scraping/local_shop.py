"""A tiny HTTP server for tests: answers by path as told, and remembers what it was asked."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np


@dataclass
class Answer:
    """declared: a Content-Length that is not the body's own. hold: waited for (5 s at most) before the body is sent.

    closes: no Content-Length; the body ends where the connection does. chunked: sent in chunks, the last one missing if `cut`.
    """

    body: bytes = b""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "text/html; charset=utf-8"
    declared: int | None = None
    hold: threading.Event | None = None
    closes: bool = False
    chunked: bool = False
    cut: bool = False


@dataclass
class LocalShop:
    """`routes`: by path with query, an answer, a list of answers in turn (the last stays), or a function of the headers."""

    routes: dict[str, Answer | list[Answer] | Callable[[dict[str, str]], Answer]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    times: list[float] = field(default_factory=list)
    url: str = ""
    lock: threading.Lock = field(default_factory=threading.Lock)

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        with self.lock:
            self.asked.append(path)
            self.headers.append(headers)
            self.times.append(time.monotonic())
            route = self.routes.get(path, Answer(b"no such page", 404))
            if isinstance(route, list):
                return route.pop(0) if len(route) > 1 else route[0]
        return route(headers) if callable(route) else route

    def count(self, path: str) -> int:
        return self.asked.count(path)


@contextmanager
def local_shop() -> Iterator[LocalShop]:
    """Serve on a free port of 127.0.0.1 until the end of the block."""
    shop = LocalShop()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            answer = shop.answer(self.path, dict(self.headers.items()))
            self.send_response(answer.status)
            if answer.status != 304:
                self.send_header("Content-Type", answer.kind)
                if answer.chunked:
                    self.send_header("Transfer-Encoding", "chunked")
                elif not answer.closes:
                    self.send_header("Content-Length", str(answer.declared or len(answer.body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            if answer.hold is not None:
                answer.hold.wait(5)
            if answer.chunked:
                end = b"" if answer.cut else b"0\r\n\r\n"
                self.wfile.write(b"%x\r\n%b\r\n%b" % (len(answer.body), answer.body, end))
            else:
                self.wfile.write(answer.body)
            if answer.declared or answer.closes or answer.cut:
                self.close_connection = True

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    shop.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def picture(shade: int = 100, side: int = 40, ending: str = ".jpg") -> bytes:
    """An encoded square of one shade with a line across, so that shades differ in bytes."""
    pixels = np.full((side, side, 3), shade, np.uint8)
    pixels[side // 2] = 255 - shade
    ok, encoded = cv2.imencode(ending, pixels)
    assert ok
    return bytes(encoded)


def card(number: int, title: str = "") -> str:
    return (
        f"<div class='product' data-id='{number}'><a href='/product/{number}/'><img src='/{number}.jpg'></a>"
        f"<span class='title'>{title or f'Shirt {number}'}</span><span class='price'>{number}.50 €</span></div>"
    )


def sell(shop: LocalShop, *pages: list[int]) -> None:
    """Give the shop a category /all with these items a page, each with its picture."""
    for at, numbers in enumerate(pages, start=1):
        following = f"<link rel='next' href='/all?page={at + 1}'>" if at < len(pages) else ""
        html = f"<title>All</title>{following}" + "".join(map(card, numbers))
        shop.routes["/all" if at == 1 else f"/all?page={at}"] = Answer(html.encode())
        for number in numbers:
            shop.routes[f"/{number}.jpg"] = Answer(picture(number % 256), kind="image/jpeg", headers={"ETag": f'"{number}"'})
