"""axe-core finds no violation on any page, wide and narrow, light and dark; and no page is wider than its window.

tests/browser/pages.py lists the pages; states that a hand brings about are below.
"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import WIDE, OpenWindow, running
from tests.browser.pages import DESK, FAULTS, PUBLIC, paths
from tests.browser.test_desk import log_in
from tests.browser.test_photo import PHOTO, choose

# Chromium logs every answer from 400 on as an error.
STATUSES = ("400", "403", "404", "429", "500", "503")
# Swagger's own markup; what is around it is ours.
FOREIGN = {"/api/v1/docs": "#swagger-ui"}


@pytest.fixture(scope="module")
def walked(site_environment: dict[str, str]) -> Iterator[str]:
    """The seeded site with a network that finds boxes, and with addresses where something is wrong."""
    with running(site_environment, "tests.browser.fake_faults:application") as base:
        yield base


@pytest.mark.parametrize("path", [*paths(PUBLIC), *FAULTS])
def test_a_page_has_no_violation(walked: str, open_window: OpenWindow, path: str) -> None:
    page = open_window(WIDE, expected=STATUSES).page
    page.goto(f"{walked}{path}")
    assert violations(page, FOREIGN.get(path, "")) == []


@pytest.fixture(scope="module")
def desk(walked: str, browser: Browser) -> Iterator[Page]:
    """A window of the owner, who is logged in."""
    context = browser.new_context()
    page = context.new_page()
    log_in(page, walked)
    yield page
    context.close()


@pytest.mark.parametrize("path", paths(DESK)[1:])
def test_a_page_of_the_desk_has_no_violation(walked: str, desk: Page, path: str) -> None:
    desk.goto(f"{walked}{path}")
    assert violations(desk) == []


def test_the_way_into_the_desk_has_no_violation(walked: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{walked}{paths(DESK)[0]}")
    assert violations(page) == []


def found_by_photo(page: Page, site: str) -> None:
    page.goto(f"{site}/search/photo/")
    choose(page)


def found_by_an_items_picture(page: Page, site: str) -> None:
    page.goto(f"{site}/search/photo/?item=100255")
    expect(page.locator("[data-photo-status]")).to_have_text("Found what looks like it.")


def found_by_an_own_box(page: Page, site: str) -> None:
    found_by_photo(page, site)
    with page.expect_response("**/search/photo/"):
        page.locator("[name=box][value=own]").check()


def found_without_script(page: Page, site: str) -> None:
    page.route("**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(f"{site}/search/photo/")
    page.locator("input[type=file]").first.set_input_files(PHOTO)
    page.get_by_role("button", name="Find what looks like it").click()
    expect(page.get_by_role("radio", name="Print 1")).to_be_checked()


def no_photo_sent(page: Page, site: str) -> None:
    page.route("**/*.js", lambda route: route.fulfill(body="", content_type="text/javascript"))
    page.goto(f"{site}/search/photo/")
    page.get_by_role("button", name="Find what looks like it").click()
    expect(page.get_by_role("alert")).to_be_visible()


def judged(page: Page, site: str) -> None:
    for verdict, item in (("like", "100255"), ("like", "121899"), ("dislike", "110182")):
        page.goto(f"{site}/items/{item}/")
        with page.expect_response("**/taste/judge/"):
            page.locator(f".item [data-verdict={verdict}]").click()
    page.goto(f"{site}/taste/")
    page.locator(".share summary").click()
    page.locator(".folded summary").click()


def menus_open(page: Page, site: str) -> None:
    page.goto(f"{site}/items/")
    page.evaluate("for (const menu of document.querySelectorAll('[data-menu]')) menu.open = true")


def seen_before_with_distances(page: Page, site: str) -> None:
    page.goto(f"{site}/items/121899/")
    page.goto(f"{site}/items/100255/")
    page.get_by_label("Show distances").check()
    expect(page.locator("[data-place=recent]")).to_be_visible()


def keys_explained(page: Page, site: str) -> None:
    page.goto(f"{site}/items/100255/")
    page.keyboard.press("?")


def picture_large(page: Page, site: str) -> None:
    page.goto(f"{site}/items/100255/")
    page.locator("[data-enlarge]").click()


def on_the_map(page: Page, site: str) -> None:
    page.goto(f"{site}/map/?item=121899")
    expect(page.locator("#map-card .card")).to_be_visible(timeout=60_000)


STATES: list[Callable[[Page, str], None]] = [
    found_by_photo,
    found_by_an_items_picture,
    found_by_an_own_box,
    found_without_script,
    no_photo_sent,
    judged,
    menus_open,
    seen_before_with_distances,
    keys_explained,
    picture_large,
    on_the_map,
]


@pytest.mark.parametrize("bring_about", STATES, ids=lambda state: state.__name__)
def test_a_state_has_no_violation(walked: str, open_window: OpenWindow, bring_about: Callable[[Page, str], None]) -> None:
    page = open_window(WIDE, expected=STATUSES).page
    bring_about(page, walked)
    assert violations(page) == []
