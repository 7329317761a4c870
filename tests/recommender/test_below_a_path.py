"""Below a path of a larger site (SCRIPT_NAME) every address that a page names has it, and answers there."""

import http.client
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin, urlsplit

import pytest

from tests.recommender.serving_site import serving

BELOW = "/shop/similar"
NAMED = re.compile(
    r'(?:href|src|action|content|data-[a-z-]+)="((?:https?://127\.0\.0\.1[^"]*|/[^"]*))"|"((?:https?://127\.0\.0\.1:\d+)?/[^"\s]*)"'
)
SRCSET = re.compile(r'srcset="([^"]*)"')
IN_CSS = re.compile(r"url\([\"']?([^\"')]+)")
MOST = 400


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    folder = tmp_path_factory.mktemp("below")
    environment = {
        "DJANGO_SETTINGS_MODULE": "recommender.settings",
        "DJANGO_DEBUG": "true",
        "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
        "IMAGES_DIR": str(folder / "images"),
        "INDEX_PATH": str(folder / "index.pkl"),
        "CACHE_DIR": str(folder / "cache"),
        "SCRIPT_NAME": BELOW,
    }
    with serving(environment, "tests.recommender.below_a_path:application") as (port, _server):
        yield port


def get(port: int, path: str) -> tuple[int, str, str]:
    """Status, type and text of an answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path, headers={"Accept": "text/html", "User-Agent": "Mozilla/5.0"})
    answer = connection.getresponse()
    kind, body = answer.headers.get_content_type(), answer.read()
    connection.close()
    return answer.status, kind, body.decode("utf-8", "replace") if kind.startswith(("text/", "application/json")) else ""


def named_in(text: str, kind: str, base: str) -> set[str]:
    """The addresses of this host that a page, a style sheet or a JSON names."""
    if kind == "text/css":
        found = [urljoin(base, name) for name in IN_CSS.findall(text) if not name.startswith("data:")]
    elif kind in {"text/html", "application/json"}:
        found = [one or other for one, other in NAMED.findall(text.replace("&amp;", "&").replace("\\/", "/"))]
        found += [part.split()[0] for sources in SRCSET.findall(text) for part in sources.split(",")]
    else:
        return set()
    return {urlsplit(name)._replace(scheme="", netloc="", fragment="").geturl() for name in found}


def test_every_link_works(port: int) -> None:
    waiting, seen, problems = (
        [f"{BELOW}/", f"{BELOW}/api/v1/items", f"{BELOW}/api/v1/items/a", f"{BELOW}/nowhere"],
        set[str](),
        list[tuple[object, str]](),
    )
    while waiting and len(seen) < MOST:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        status, kind, text = get(port, path)
        # Forms answer 405 to GET; there is no map of six items; the last one starts nowhere on purpose.
        if status not in {200, 302, 405} and not path.startswith((f"{BELOW}/map/", f"{BELOW}/nowhere")):
            problems.append((status, path))
        if "/admin/" in path or "openapi" in path:  # Django's and the API's own description: its paths are below its server's
            continue
        for name in named_in(text, kind, path):
            if not name.startswith(f"{BELOW}/"):
                problems.append((path, name))
            waiting.append(name)
    assert problems == []
    assert {f"{BELOW}/items/", f"{BELOW}/items/a/", f"{BELOW}/taste/", f"{BELOW}/api/v1/docs", f"{BELOW}/i18n/setlang/"} <= seen
    assert any(path.startswith(f"{BELOW}/static/") for path in seen)
    assert any("/preview.jpg" in path for path in seen)


def test_a_proxy_may_take_the_path_off(port: int) -> None:
    status, _kind, text = get(port, "/items/")
    assert status == 200
    assert f'href="{BELOW}/items/a/' in text


def test_scripts_and_styles_name_no_address_of_the_root() -> None:
    root = Path(__file__).resolve().parents[2] / "static"
    written = re.compile(r"""["'`(]/(?!/)[a-z][a-z0-9/_-]*""")
    files = [*root.rglob("*.js"), *root.rglob("*.css"), root / "manifest.webmanifest"]
    assert [(path.name, written.findall(path.read_text())) for path in files if written.search(path.read_text())] == []
