"""Why similar, in a real browser. The seeded index names a network that is not here, so heat maps are stood in for."""

import base64
import re

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NARROW, WIDE, OpenWindow

PIXEL = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP4z/D/PwAHAAL/Tt1pNwAAAABJRU5ErkJggg==")


def first_why(page: Page, site: str) -> None:
    """From an item's page, by its first neighbour's link."""
    page.goto(f"{site}/items/100255/")
    page.get_by_label("Show distances").check()
    page.get_by_role("link", name=re.compile("^Why similar")).first.click()
    expect(page).to_have_url(re.compile(r"/compare/100255/[^/]+/$"))


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_neighbour_says_why(site: str, open_window: OpenWindow, size: tuple[int, int]) -> None:
    page = open_window(size).page
    first_why(page, site)
    expect(page.locator(".compare-photo")).to_have_count(2)
    expect(page.locator(".compare-list dt")).to_have_text(["Cosine", "Euclidean", "Manhattan"])
    expect(page.get_by_text(re.compile(r"\d+ % of their colours are shared"))).to_be_visible()


def test_without_javascript_too(site: str, open_window: OpenWindow) -> None:
    page = open_window(java_script_enabled=False).page
    first_why(page, site)
    expect(page.locator(".compare-photo")).to_have_count(2)


def with_heat(page: Page, site: str, answer: list[tuple[int, dict[str, str]]]) -> None:
    """The page as it is when the network is at hand; each heat map is answered by `answer`'s first, the last one stays."""

    def page_with_heat(route: Route) -> None:
        response = route.fetch()
        heat = '<img class="compare-heat" src="/compare/100255/x/heat-a.png" alt="Heat map" width="256" height="256" data-heat>'
        wait = '<p class="compare-wait" role="status" data-heat-wait hidden data-failed="Could not be made">Looking…</p>'
        controls = '<label><input type="checkbox" checked data-heat-toggle> Show</label><input type="range" data-heat-strength>'
        body = response.text().replace("</div>\n      <figcaption>", f"{heat}{wait}</div>\n      <figcaption>", 1)
        route.fulfill(
            response=response, body=body.replace('<div class="compare-sides">', controls + '<div class="compare-sides">')
        )

    def heat_map(route: Route) -> None:
        status, headers = answer.pop(0) if len(answer) > 1 else answer[0]
        body, kind = (PIXEL, "image/png") if status == 200 else (b"Not now.", "text/plain")
        route.fulfill(status=status, headers={**headers, "Content-Type": kind}, body=body)

    page.route(re.compile(r"/compare/\d+/\d+/$"), page_with_heat)
    page.route(re.compile(r"/heat-[ab]\.png$"), heat_map)
    page.goto(f"{site}/compare/100255/121899/")


def test_strength_and_off(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    with_heat(page, site, [(200, {})])
    heat = page.locator("[data-heat]")
    expect(heat).to_have_css("opacity", "0.75")
    page.locator("[data-heat-strength]").fill("40")
    expect(heat).to_have_css("opacity", "0.4")
    page.locator("[data-heat-toggle]").uncheck()
    expect(heat).to_have_css("opacity", "0")


def test_a_busy_site_is_asked_again(site: str, open_window: OpenWindow) -> None:
    page = open_window(expected=("503",)).page
    busy = (503, {"Retry-After": "1"})
    with_heat(page, site, [busy, busy, (200, {})])
    expect(page.locator("[data-heat]")).to_have_attribute("data-heat", "shown")
    expect(page.locator("[data-heat-wait]")).to_be_hidden()


def test_a_heat_map_that_cannot_be_made_is_said(site: str, open_window: OpenWindow) -> None:
    page = open_window(expected=("503",)).page
    with_heat(page, site, [(503, {})])
    expect(page.get_by_text("Could not be made")).to_be_visible()
    expect(page.locator("[data-heat]")).to_be_hidden()
