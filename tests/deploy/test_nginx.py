"""nginx as the product configures it, in front of the real site."""

import http.client
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest
import requests

from tests.deploy.conftest import Deployed
from tests.deploy.nginx import free_port, nginx

HALF_OPEN = 200
# What a server says of its own files and connections; all else is the product's.
OF_EACH_SERVER = {
    *("cache-control", "connection", "content-encoding", "content-length", "content-type", "date", "etag", "last-modified"),
    *("server", "vary", "via", "x-request-id"),
}


def get(deployed: Deployed, path: str, **headers: str) -> requests.Response:
    return requests.get(deployed.url + path, headers=headers, timeout=60, allow_redirects=False)


@pytest.mark.parametrize("path", ["/items/", "/search/photo/", "/api/v1/items", "/healthz", "/readyz"])
def test_pages_come_through(deployed: Deployed, path: str) -> None:
    assert get(deployed, path).status_code == 200


def test_static_files_are_sent_without_the_site(deployed: Deployed) -> None:
    # The site looked for its files when it started: it does not know this one.
    (deployed.static / "late.0123456789ab.js").write_text("//")
    answer = get(deployed, "/static/late.0123456789ab.js")
    assert (answer.status_code, answer.text) == (200, "//")
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_static_files_carry_what_the_site_itself_would_send(deployed: Deployed) -> None:
    sheet = next((deployed.static / "site").glob("site.*.css"))
    here, there = (
        requests.get(f"{origin}/static/site/{sheet.name}", timeout=60).headers for origin in (deployed.url, deployed.site)
    )
    names = {name for name in there if name.lower() not in OF_EACH_SERVER}
    assert len(names) > 5
    assert {name: here.get(name) for name in names} == {name: there[name] for name in names}


def test_what_is_no_static_file_carries_them_too(deployed: Deployed) -> None:
    answer = get(deployed, "/static/none.css")
    assert (answer.status_code, answer.headers["X-Content-Type-Options"]) == (404, "nosniff")
    assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]


def test_static_files_are_sent_compressed(deployed: Deployed) -> None:
    sheet = next((deployed.static / "site").glob("site.*.css"))
    answer = get(deployed, f"/static/site/{sheet.name}", **{"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.text == sheet.read_text()


def test_a_preview_is_asked_of_the_site_once_a_type(deployed: Deployed) -> None:
    path = f"/items/{deployed.item_id}/preview.jpg?v=1&w=320"
    first = get(deployed, path, Accept="image/avif,image/webp,*/*")
    again = get(deployed, path + "&other=1", Accept="image/avif;q=0.9")
    assert (first.headers["X-Cache"], again.headers["X-Cache"]) == ("MISS", "HIT")
    assert first.headers["Content-Type"] == again.headers["Content-Type"] == "image/avif"
    assert again.content == first.content
    plain = get(deployed, path, Accept="*/*")
    assert (plain.headers["X-Cache"], plain.headers["Content-Type"]) == ("MISS", "image/jpeg")


def test_a_preview_that_may_change_is_not_kept(deployed: Deployed) -> None:
    path = f"/items/{deployed.item_id}/preview.jpg"
    assert [get(deployed, path).headers["X-Cache"] for _ in range(2)] == ["MISS", "MISS"]


def test_a_refused_preview_says_why(deployed: Deployed) -> None:
    assert get(deployed, f"/items/{deployed.item_id}/preview.jpg?w=7&v=1").status_code == 400
    assert get(deployed, "/items/no-such-item/preview.jpg?v=1").status_code == 404


def test_a_client_cannot_move_the_site_to_another_path(deployed: Deployed) -> None:
    connection = http.client.HTTPConnection(urlsplit(deployed.url).netloc, timeout=60)
    connection.putrequest("GET", "/items/")
    connection.putheader("SCRIPT_NAME", "/evil")
    connection.putheader("Script-Name", "/evil")
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 200
    assert b"evil" not in answer.read()


def test_photos_may_be_large_and_pages_get_no_bodies(deployed: Deployed) -> None:
    files = {"photo": ("a.jpg", b"\xff\xd8" + b"0" * 5_000_000)}
    photo = requests.post(f"{deployed.url}/api/v1/search", files=files, timeout=60)
    assert photo.status_code in {400, 415, 422}, photo.text  # no picture, said by the site
    assert requests.post(f"{deployed.url}/taste/judge/", data=b"0" * 2_000_000, timeout=60).status_code == 413


def test_pages_go_on_while_many_clients_do_not_finish_their_heads(deployed: Deployed) -> None:
    address = urlsplit(deployed.url)
    slow = [socket.create_connection((address.hostname, address.port)) for _ in range(HALF_OPEN)]
    try:
        for connection in slow:
            connection.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow:")
        assert get(deployed, "/items/").status_code == 200
    finally:
        for connection in slow:
            connection.close()


def test_metrics_are_for_this_machine(deployed: Deployed) -> None:
    address = urlsplit(deployed.url)
    connection = http.client.HTTPConnection(address.netloc, timeout=60, source_address=("127.0.0.2", 0))
    connection.request("GET", "/metrics")
    assert connection.getresponse().status == 403


def test_a_killed_process_is_replaced(deployed: Deployed) -> None:
    killed = psutil.Process(deployed.pid).children()
    for process in killed:
        process.kill()
    psutil.wait_procs(killed, timeout=60)
    # Whoever asks meanwhile waits at gunicorn's socket.
    assert get(deployed, "/items/").status_code == 200
    assert not {process.pid for process in psutil.Process(deployed.pid).children()} & {process.pid for process in killed}


class Echo(BaseHTTPRequestHandler):
    """Answers with the headers it was sent."""

    def do_GET(self) -> None:
        body = str(self.headers).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_args: object) -> None:
        pass


@pytest.fixture
def echo(require_nginx: None, tmp_path: Path) -> Iterator[str]:
    """nginx's address before a server that shows what reaches it."""
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with nginx(tmp_path / "nginx", server.server_port, tmp_path) as port:
            yield f"http://127.0.0.1:{port}"
        server.shutdown()


@pytest.mark.parametrize("path", ["/items/", "/items/a/preview.jpg", "/api/v1/search"])
def test_what_a_client_says_of_itself_is_dropped(echo: str, path: str) -> None:
    sent = {"X-Forwarded-For": "1.2.3.4", "X-Forwarded-Proto": "https", "SCRIPT_NAME": "/evil", "X-Request-ID": "mine"}
    reached = requests.get(echo + path, headers=sent, timeout=30).text
    assert "X-Forwarded-For: 127.0.0.1" in reached
    assert "X-Forwarded-Proto: http\n" in reached.replace("\r", "")
    assert not {"1.2.3.4", "/evil", "mine"} & set(reached.split())
    assert "X-Request-ID: " in reached


def test_while_the_site_restarts_a_line_says_so(require_nginx: None, tmp_path: Path) -> None:
    with nginx(tmp_path / "nginx", free_port(), tmp_path) as port:
        answer = requests.get(f"http://127.0.0.1:{port}/items/", timeout=30)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "being restarted" in answer.text
