"""The first visit's line: what one can do here, on the first page and no other."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, WIDE, OpenWindow


@pytest.mark.parametrize("size", [WIDE, NARROW])
@pytest.mark.parametrize("locale", ["en", "ru"])
def test_it_is_shown_whole_until_it_is_closed(site: str, open_window: OpenWindow, size: tuple[int, int], locale: str) -> None:
    page = open_window(size, locale=locale).page
    page.goto(f"{site}/items/100255/")
    doors = page.locator("[data-doors]")
    expect(doors.get_by_role("link")).to_have_count(3)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    doors.get_by_role("button").click()
    expect(doors).to_be_hidden()
    assert page.evaluate("document.activeElement.id") == "main"
    page.goto(f"{site}/items/")
    expect(page.locator("h1")).to_be_visible()
    expect(doors).to_be_hidden()


def test_it_never_moves_a_page_that_has_read_it(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.add_init_script(
        "localStorage.setItem('doors', 'seen'); window.moved = 0;"
        "new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.moved += entry.value; })"
        ".observe({ type: 'layout-shift', buffered: true });"
    )
    page.goto(f"{site}/items/100255/")
    expect(page.locator("[data-doors]")).to_be_hidden()
    # The line would move the page by some hundredths; a heart that is drawn moves it by some hundred thousandths.
    assert page.evaluate("window.moved") < 0.001


def test_it_stands_on_the_first_page_only(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/100255/")
    expect(page.locator("[data-doors]")).to_be_visible()
    page.locator("#narrowed .card-link").first.click()
    expect(page).not_to_have_url(re.compile("/100255/$"))
    expect(page.locator("[data-doors]")).to_be_hidden()


def test_without_script_it_is_shown_and_its_links_lead_on(site: str, open_window: OpenWindow) -> None:
    page = open_window(NARROW, java_script_enabled=False).page
    page.goto(f"{site}/items/100255/")
    expect(page.locator("[data-doors]")).to_be_visible()
    expect(page.locator("[data-doors-close]")).to_be_hidden()
    page.get_by_role("link", name="Your favourites").click()
    expect(page).to_have_url(re.compile("/taste/$"))
