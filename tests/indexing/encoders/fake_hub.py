"""A Hugging Face hub on loopback: what huggingface_hub asks one model repository, and what can go wrong on the way."""

import hashlib
import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
REPOSITORY = "shop/encoder"


class Hub:
    """One repository, `shop/encoder`, of one commit, `main`, which holds the files of `folder`.

    asked: how often each path was got; ranges: the Range headers seen; cut: name → after how many bytes a connection breaks,
    once; damaged: names whose bytes arrive changed, how many times; status: the answer to everything, if it is not 200;
    large: files of that many bytes and more are in LFS.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.asked: Counter[str] = Counter()
        self.ranges: list[str] = []
        self.cut: dict[str, int] = {}
        self.damaged: dict[str, int] = {}
        self.status = 200
        self.error_code = ""
        self.large = 1000
        self.commit = COMMIT
        self.address = ""

    def files(self) -> dict[str, bytes]:
        paths = sorted(path for path in self.folder.rglob("*") if path.is_file())
        return {path.relative_to(self.folder).as_posix(): path.read_bytes() for path in paths}

    def info(self) -> dict[str, Any]:
        """The repository as the hub's API describes it."""
        siblings = []
        for name, data in self.files().items():
            entry: dict[str, Any] = {"rfilename": name, "size": len(data), "blobId": _blob_id(data)}
            if len(data) >= self.large:
                entry["lfs"] = {"size": len(data), "sha256": hashlib.sha256(data).hexdigest(), "pointerSize": 130}
            siblings.append(entry)
        numbers = {"downloads": 0, "likes": 0, "private": False, "tags": []}
        named = {"_id": "1", "id": REPOSITORY, "modelId": REPOSITORY, "createdAt": "2026-01-01T00:00:00.000Z"}
        return {**named, **numbers, "sha": self.commit, "siblings": siblings}


@contextmanager
def serve_hub(folder: Path) -> Iterator[Hub]:
    """The hub, while the block runs."""
    hub = Hub(folder)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_HEAD(self) -> None:
            self._answer(body=False)

        def do_GET(self) -> None:
            self._answer(body=True)

        def log_message(self, *_: object) -> None:
            pass

        def _answer(self, *, body: bool) -> None:
            path = self.path.partition("?")[0]
            if body:
                hub.asked[path] += 1
            if hub.status != 200:
                self._send(hub.status, b"{}", {"X-Error-Code": hub.error_code}, body)
            elif path in (f"/api/models/{REPOSITORY}/revision/{name}" for name in ("main", hub.commit)):
                self._send(200, json.dumps(hub.info()).encode(), {"Content-Type": "application/json"}, body)
            elif path.startswith(f"/{REPOSITORY}/resolve/{hub.commit}/"):
                self._file(path.removeprefix(f"/{REPOSITORY}/resolve/{hub.commit}/"), body)
            else:
                known = f"/{REPOSITORY}" in path
                self._send(404, b"{}", {"X-Error-Code": "RevisionNotFound" if known else "RepoNotFound"}, body)

        def _file(self, name: str, body: bool) -> None:
            data = hub.files().get(name)
            if data is None:
                self._send(404, b"", {"X-Error-Code": "EntryNotFound"}, body)
                return
            digest = hashlib.sha256(data).hexdigest() if len(data) >= hub.large else _blob_id(data)
            headers = {
                "X-Repo-Commit": hub.commit,
                "ETag": f'"{digest}"',
                "X-Linked-Size": str(len(data)),
                "Accept-Ranges": "bytes",
            }
            status, start = 200, 0
            asked = self.headers.get("Range", "")
            if asked:
                hub.ranges.append(asked)
                status, start = 206, int(asked.removeprefix("bytes=").partition("-")[0])
                headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
            if body and hub.damaged.get(name, 0) > 0:
                hub.damaged[name] -= 1
                data = bytes([data[0] ^ 1]) + data[1:]
            self._send(status, data[start:], headers, body, hub.cut.pop(name, None) if body else None)

        def _send(self, status: int, data: bytes, headers: dict[str, str], body: bool, cut: int | None = None) -> None:
            self.send_response(status)
            for header, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(header, value)
            self.end_headers()
            if body:
                self.wfile.write(data if cut is None else data[:cut])
            if cut is not None:
                self.close_connection = True

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        hub.address = f"http://127.0.0.1:{server.server_port}"
        try:
            yield hub
        finally:
            server.shutdown()


def _blob_id(data: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()
