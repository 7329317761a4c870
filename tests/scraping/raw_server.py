"""A server that says what a test tells it to, byte for byte, HTTP or not."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

ROBOTS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"


@contextmanager
def raw_server(answer: Callable[[socket.socket], None]) -> Iterator[str]:
    """Serve on a free port of 127.0.0.1: 404 for robots.txt, and whatever `answer` writes for every other request."""
    listener = socket.create_server(("127.0.0.1", 0))
    done = threading.Event()

    def serve(connected: socket.socket) -> None:
        with connected:
            try:
                request = connected.recv(65536)
                if b"robots.txt" in request.split(b"\r\n")[0]:
                    connected.sendall(ROBOTS)
                else:
                    answer(connected)
            except OSError:
                pass  # the client has gone, as it should

    def accept() -> None:
        while not done.is_set():
            try:
                connected, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=serve, args=(connected,), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        done.set()
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)
