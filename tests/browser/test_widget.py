"""The widget on a page of another origin, and on its demo page."""

import http.server
import threading
from collections.abc import Iterator
from urllib.parse import quote, unquote

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, WIDE, OpenWindow


@pytest.fixture
def shop(site: str) -> Iterator[str]:
    """A shop's product page on another origin; its path is the item."""

    class Page(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            item = self.path.strip("/")
            item, _, narrowing = item.partition("?")
            script = f'<script async src="{site}/static/widget.js" data-item="{item}" {unquote(narrowing)}></script>'
            body = f"<!doctype html><html lang=en><title>Shop</title><body>{script}"
            self.send_response(200 if item.isdigit() else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_shows_five_similar_products_on_another_site(shop: str, open_window: OpenWindow) -> None:
    page = open_window(expected=("favicon", "404")).page
    page.goto(f"{shop}/100255")
    cards = page.locator(".similar-products li")
    expect(cards).to_have_count(5)
    assert (cards.first.locator("a").get_attribute("href") or "").startswith("https://shop.example/")


def test_is_narrowed_down(shop: str, site: str, open_window: OpenWindow) -> None:
    page = open_window(expected=("favicon", "404")).page
    with page.expect_request("**/similar?**") as asked:
        page.goto(f"{shop}/100255?{quote('data-colour=navy data-price-max=20')}")
    assert "colour=navy&price_max=20" in asked.value.url
    expect(page.locator(".similar-products li")).to_have_count(5)


def test_an_unknown_item_leaves_the_page_as_it_is(shop: str, open_window: OpenWindow) -> None:
    page = open_window(expected=("404",)).page
    page.add_init_script("document.addEventListener('similar:failed', event => (window.failed = event.detail.message))")
    page.goto(f"{shop}/1")
    page.wait_for_function("window.failed")
    assert "No item '1'" in page.evaluate("window.failed")
    expect(page.locator(".similar-products")).to_be_hidden()


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_the_demo_page_shows_it(site: str, open_window: OpenWindow, size: tuple[int, int]) -> None:
    page = open_window(size).page
    page.goto(f"{site}/widget/demo/?item=100255")
    expect(page.get_by_role("heading", name="You may also like")).to_be_visible()
    expect(page.locator(".similar-products li")).to_have_count(5)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
