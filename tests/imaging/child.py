"""Pictures looked at in a process of their own, whose memory is bounded and measured."""

import os
import resource
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, NamedTuple

MOST_MEMORY: Final = 300 * 1024**2  # bytes that may ever be resident
_ADDRESSES: Final = 4_000_000_000  # bytes of addresses: only so that what goes wrong does not take the machine with it


class Outcome(NamedTuple):
    """error: what escaped, or ""; refused: why the picture was not decoded; shape: of the pixels; peak: the most bytes that
    were resident; left: bytes that are resident afterwards.
    """

    error: str
    refused: str | None
    shape: tuple[int, ...] | None
    peak: int
    left: int


class Child:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def decode(self, data: bytes) -> Outcome:
        """Every way that a picture goes. Raises EOFError when the process dies of it."""
        self._connection.send_bytes(data)
        outcome: Outcome = self._connection.recv()
        return outcome


@contextmanager
def child() -> Iterator[Child]:
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs,), daemon=True)
    process.start()
    theirs.close()
    try:
        yield Child(ours)
    finally:
        ours.close()
        process.join(10)
        process.kill()


def _serve(connection: Connection) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (_ADDRESSES, _ADDRESSES))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # codecs complain there of what is damaged
    with ThreadPoolExecutor(1) as pool:  # as servers and the scraper do; memory is kept for each thread
        while True:
            try:
                data = connection.recv_bytes()
            except EOFError:
                return
            error, refused, shape = pool.submit(_look, data).result()
            connection.send(Outcome(error, refused, shape, _resident("VmHWM:"), _resident("VmRSS:")))


def _look(data: bytes) -> tuple[str, str | None, tuple[int, ...] | None]:
    import imaging.decoding
    import imaging.headers
    from scraping.errors import PictureError
    from scraping.previews import preview_jpeg

    refused, shape = None, None
    try:
        imaging.headers.size(data)
        refused = imaging.decoding.refusal(data)
        pixels = imaging.decoding.decode_as_preview(data)
        shape = None if pixels is None else pixels.shape
        del pixels
        preview_jpeg(data)
    except PictureError:
        pass
    except BaseException as escaped:
        return repr(escaped), refused, shape
    return "", refused, shape


def _resident(field: str) -> int:
    """Bytes. What `getrusage` says includes the parent's, from before this program was started."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise RuntimeError(f"no {field} in /proc/self/status")
