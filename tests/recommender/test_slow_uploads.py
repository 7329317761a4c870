"""Pages go on while uploads trickle in."""

import os
import socket
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from recommender.launch import gunicorn_command

ROOT = Path(__file__).resolve().parents[2]
UPLOADS = 7
HEAD = (
    b"POST /api/v1/search HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: multipart/form-data; boundary=x\r\n"
    b"Content-Length: 3000000\r\n\r\n--x\r\nContent-Disposition: form-data; name=photo; filename=a.jpg\r\n\r\n"
)


def answers(url: str, timeout: float) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=timeout) as response:
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def test_pages_go_on_while_uploads_trickle(tmp_path: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DJANGO_SETTINGS_MODULE": "recommender.settings",
        "DJANGO_DEBUG": "true",
        "DATABASE_URL": f"sqlite:///{tmp_path / 'none.sqlite3'}",
        "INDEX_PATH": str(tmp_path / "none.pkl"),
    }
    server = subprocess.Popen(gunicorn_command("127.0.0.1", port, 1), cwd=ROOT, env=environment)
    sockets: list[socket.socket] = []
    try:
        deadline = time.monotonic() + 120
        while not answers(f"http://127.0.0.1:{port}/healthz", 5):
            assert server.poll() is None
            assert time.monotonic() < deadline
        for _ in range(UPLOADS):
            upload = socket.create_connection(("127.0.0.1", port))
            upload.sendall(HEAD)
            sockets.append(upload)
        # Each connection is older than the question, so each has its thread before the page is asked for.
        assert answers(f"http://127.0.0.1:{port}/healthz", 25)
    finally:
        for upload in sockets:
            upload.close()
        server.terminate()
        server.wait(30)
