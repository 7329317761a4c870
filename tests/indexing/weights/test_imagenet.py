"""ImageNet's weights: Keras's cache, its download and its checksum, with a server of our own in place of Google's."""

import hashlib
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from indexing.errors import WeightsError
from indexing.networks.choice import choose_network
from indexing.weights import imagenet, sources
from indexing.weights.sources import load_weights
from tests.indexing.small_networks import VGG_GRAPH, arrays
from tests.indexing.weights.weight_files import write_legacy

BODY = b"half a gigabyte of weights" * 1000
MD5 = hashlib.md5(BODY).hexdigest()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty Keras cache, and no way out to the internet."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return tmp_path / "keras"


@contextmanager
def serving(body: bytes, status: int = 200, promised: int | None = None) -> Iterator[str]:
    """A web server on a free port with one file; `promised` is the length it claims."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(promised or len(body)))
            self.end_headers()

        def do_GET(self) -> None:
            self.do_HEAD()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/weights.h5"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def closed_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/weights.h5"


def test_a_download_lands_in_kerass_cache(home: Path) -> None:
    with serving(BODY) as url:
        path = imagenet.imagenet_file(url, MD5)
    assert path == home / "models" / imagenet.NAME
    assert path.read_bytes() == BODY
    assert [entry.name for entry in path.parent.iterdir()] == [imagenet.NAME]


def test_what_is_cached_is_not_fetched_again(home: Path) -> None:
    (home / "models").mkdir(parents=True)
    (home / "models" / imagenet.NAME).write_bytes(BODY)
    assert imagenet.imagenet_file(closed_port(), MD5) == home / "models" / imagenet.NAME


def test_a_partial_file_is_not_taken_for_whole(home: Path) -> None:
    (home / "models").mkdir(parents=True)
    (home / "models" / imagenet.NAME).write_bytes(BODY[:-1])
    assert imagenet.cached_file(MD5) is None
    with serving(BODY) as url:
        assert imagenet.imagenet_file(url, MD5).read_bytes() == BODY


@pytest.mark.parametrize("fault", ["other bytes", "cut off"])
def test_a_bad_download_leaves_nothing_and_says_so(home: Path, fault: str) -> None:
    body = b"something else" if fault == "other bytes" else BODY[:5000]
    with (
        serving(body, promised=len(BODY) if fault == "cut off" else None) as url,
        pytest.raises(WeightsError, match="cannot be downloaded"),
    ):
        imagenet.imagenet_file(url, MD5)
    assert list((home / "models").iterdir()) == []


def test_without_a_network_the_ways_out_are_named_within_seconds(home: Path) -> None:
    with pytest.raises(WeightsError) as caught:
        imagenet.imagenet_file(closed_port(), MD5)
    assert "no answer" not in str(caught.value)  # refused at once; the longest wait is bounded below
    for way_out in (str(home / "models"), imagenet.NAME, "--weights FILE", "--network compact"):
        assert way_out in str(caught.value)


def test_a_name_server_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """No timeout of `requests` covers the name server."""
    release, left = threading.Event(), threading.Event()

    def never(*args: object, **options: object) -> None:
        release.wait(20)
        left.set()
        raise requests.ConnectTimeout

    monkeypatch.setattr(imagenet, "PROBE_LIMIT", 0.05)
    monkeypatch.setattr("requests.head", never)
    assert imagenet.unreachable() == "no answer from storage.googleapis.com"
    release.set()
    assert left.wait(5)


def test_a_server_that_refuses_is_no_download(home: Path) -> None:
    with serving(b"", status=403) as url:
        assert imagenet.unreachable(url) == "127.0.0.1" + url[len("http://127.0.0.1") : -len("/weights.h5")] + " answered 403"


def test_imagenet_weights_are_for_vgg16_only() -> None:
    with pytest.raises(WeightsError, match="no ImageNet weights for compact"):
        load_weights("compact", VGG_GRAPH.parameters, "imagenet")


def test_the_cached_file_becomes_trained_weights(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (home / "models").mkdir(parents=True)
    path = write_legacy(home / "models" / imagenet.NAME, arrays(VGG_GRAPH))
    content = path.read_bytes()
    md5 = hashlib.md5(content).hexdigest()
    monkeypatch.setattr(sources, "imagenet_file", lambda: imagenet.imagenet_file(closed_port(), md5))
    weights = load_weights("vgg16", VGG_GRAPH.parameters, "imagenet")
    assert (weights.label, weights.trained, weights.digest) == ("imagenet", True, hashlib.sha256(content).hexdigest())


def test_keras_has_not_changed_its_file() -> None:
    """Our address and checksum are those of the installed Keras, so that its cache and ours are one."""
    import inspect

    import keras.src.applications.vgg16 as module

    assert imagenet.URL in module.WEIGHTS_PATH
    assert imagenet.MD5 in inspect.getsource(module)


def test_an_explicit_choice_of_imagenet_fails_offline(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "imagenet_file", lambda: imagenet.imagenet_file(closed_port(), MD5))
    with pytest.raises(WeightsError, match="cannot be downloaded"):
        choose_network("vgg16")
