"""The map in a real browser: drawn, moved, asked, by mouse, finger and keys."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, OpenWindow


def open_map(page: Page, site: str, query: str = "") -> None:
    page.goto(f"{site}/map/{query}")
    expect(page.locator("#map-stage")).to_have_attribute("data-state", "ready", timeout=60_000)


@pytest.mark.parametrize("draw", ["webgl2", "canvas"])
def test_both_ways_of_drawing_show_previews(site: str, open_window: OpenWindow, draw: str) -> None:
    page = open_window().page
    open_map(page, site, f"?draw={draw}")
    stage = page.locator("#map-stage")
    if stage.get_attribute("data-renderer") != draw:
        pytest.skip("this Chromium has no WebGL 2, not even a slow one")
    assert int(stage.get_attribute("data-items") or 0) > 300
    shown = page.locator("#map-canvas").screenshot()
    page.get_by_role("button", name="Closer").click()
    for _attempt in range(50):  # until the glide has begun
        if page.locator("#map-canvas").screenshot() != shown:
            return
        page.wait_for_timeout(50)
    pytest.fail("the picture stayed as it was")


def test_an_item_of_the_address_is_shown_and_opens_by_enter(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    open_map(page, site, "?item=121899")
    card = page.locator("#map-card .card")
    expect(card).to_have_attribute("data-item", "121899")
    page.locator("#map-canvas").focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("/items/121899/$"))


def test_the_mouse_shows_and_opens(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    open_map(page, site, "?item=121899")
    box = page.locator("#map-canvas").bounding_box()
    assert box is not None
    middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.mouse.move(*middle)
    expect(page.locator("#map-card .card")).to_have_attribute("data-item", "121899")
    page.mouse.click(*middle)
    expect(page).to_have_url(re.compile("/items/121899/$"))


def test_dragging_moves_and_does_not_open(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    open_map(page, site, "?item=121899")
    page.mouse.move(640, 480)
    page.mouse.down()
    page.mouse.move(500, 400, steps=5)
    page.mouse.up()
    expect(page).to_have_url(re.compile(r"/map/"))


def test_keys_move_and_tell_what_is_in_the_middle(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    open_map(page, site)
    page.keyboard.press("+")
    page.keyboard.press("+")
    page.keyboard.press("ArrowLeft")
    expect(page.locator("#map-card .card-title")).to_be_visible()
    expect(page.locator("#map-status")).not_to_be_empty()
    page.keyboard.press("Escape")
    expect(page.locator("#map-card")).to_be_hidden()


def test_a_finger_shows_first_and_opens_second(site: str, open_window: OpenWindow) -> None:
    page = open_window(NARROW, has_touch=True).page
    open_map(page, site, "?item=121899")
    expect(page.locator("#map-card .card")).to_have_attribute("data-item", "121899")
    box = page.locator("#map-canvas").bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page).to_have_url(re.compile("/items/121899/$"))


def test_from_near_whole_previews_are_loaded(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    with page.expect_response(re.compile(r"/preview\.jpg\?w=320")):
        open_map(page, site, "?item=121899")


def test_without_javascript_there_is_a_way(site: str, open_window: OpenWindow) -> None:
    page = open_window(java_script_enabled=False).page
    page.goto(f"{site}/map/")
    expect(page.get_by_text("The map needs JavaScript")).to_be_visible()
    page.get_by_role("link", name="See the catalogue").click()
    expect(page).to_have_url(re.compile("/items/$"))
