"""What a browser is told to allow."""

import subprocess
import sys

import pytest
from django.test import Client

from tests.catalog.builders import write_preview


@pytest.mark.parametrize("url", ["/items/", "/items/a/", "/nowhere", "/healthz", "/api/v1/docs"])
def test_every_answer_carries_the_policy(client: Client, catalogue: None, url: str) -> None:
    headers = client.get(url).headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("url", ["/items/", "/items/a/", "/items/zzz/", "/nowhere"])
def test_pages_need_nothing_inline(client: Client, catalogue: None, url: str) -> None:
    html = client.get(url).content.decode()
    assert "<style" not in html
    assert " style=" not in html
    assert "<script>" not in html
    assert " onclick=" not in html


def test_pages_and_json_are_compressed_for_those_who_take_it(client: Client, catalogue: None) -> None:
    for url in ("/items/", "/items/a/", "/api/v1/items/a"):
        assert client.get(url, headers={"accept-encoding": "gzip"}).headers["Content-Encoding"] == "gzip", url
        assert "Content-Encoding" not in client.get(url).headers


def test_pictures_are_not_compressed_twice(client: Client) -> None:
    write_preview("a")
    response = client.get("/items/a/preview.jpg", headers={"accept-encoding": "gzip"})
    assert "Content-Encoding" not in response.headers


def test_pages_do_not_import_an_engine() -> None:
    """Starting the site and reading an index must not pay for TensorFlow."""
    code = (
        "import os, sys; os.environ['DJANGO_SETTINGS_MODULE'] = 'tests.settings'\n"
        "import recommender.wsgi, recommender.urls\n"
        "heavy = {'tensorflow', 'keras', 'MNN', 'onnx', 'torch', 'sklearn', 'distributed'} & set(sys.modules)\n"
        "sys.exit(' '.join(sorted(heavy)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
