"""The boxes that the site finds on a photo: on the picture and in words one choice; a box of one's own; without JavaScript."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import violations
from tests.browser.conftest import NARROW, WIDE, OpenWindow, running
from tests.browser.test_photo import ANSWER, FIRST, ITEM, PHOTO, choose

SENT = """() => {
  const plain = window.fetch;
  window.fetch = (url, options) => ((window.sent = options?.body ?? window.sent), plain(url, options));
}"""


@pytest.fixture(scope="module")
def site_with_boxes(site_environment: dict[str, str]) -> Iterator[str]:
    """The seeded site with a network that finds boxes."""
    with running(site_environment, "tests.browser.fake_boxes:application") as base:
        yield base


def checked(page: Page) -> str:
    return str(page.locator("[data-photo-looks] :checked").get_attribute("value"))


def pick(page: Page, label: str) -> None:
    with page.expect_response("**/search/photo/"):
        page.get_by_role("radio", name=label).check()
    expect(page.locator("#photo-results")).not_to_have_attribute("aria-busy", "true")


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_the_surest_print_is_shown_and_each_box_can_be_chosen(
    site_with_boxes: str, open_window: OpenWindow, size: tuple[int, int]
) -> None:
    page = open_window(size).page
    page.goto(f"{site_with_boxes}/search/photo/")
    choose(page)
    words = page.locator("[data-photo-looks] label").all_inner_texts()
    assert [text.strip() for text in words] == ["Print 1", "Print 2", "Garment", "Whole picture", "My own box"]
    assert checked(page) == "print-1"
    expect(page.get_by_role("heading", name="Looks like the print")).to_be_visible()
    expect(page.locator("[data-crop]")).to_be_hidden()
    pick(page, "Whole picture")
    expect(page.locator(FIRST)).to_have_attribute("data-item", ITEM)
    expect(page.get_by_role("heading", name="Looks like the picture")).to_be_visible()
    expect(page.locator(".box-line.on")).to_have_attribute("data-box", "whole")
    expect(page.locator("[data-proposed]")).to_have_count(0)  # they stand once, beside the picture
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_a_click_on_the_picture_chooses_too(site_with_boxes: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site_with_boxes}/search/photo/")
    page.evaluate(SENT)
    choose(page)
    picture = page.locator("[data-photo-stage]").bounding_box()
    assert picture
    with page.expect_response("**/search/photo/"):
        page.mouse.click(picture["x"] + 0.2 * picture["width"], picture["y"] + 0.2 * picture["height"])
    assert checked(page) == "print-2"
    assert page.evaluate("[sent.get('box'), sent.get('crop')]") == ["print", "0.10000,0.10000,0.30000,0.30000"]
    with page.expect_response("**/search/photo/"):
        page.mouse.click(picture["x"] + 0.2 * picture["width"], picture["y"] + 0.8 * picture["height"])
    assert checked(page) == "garment-1"


def test_the_list_obeys_the_keyboard(site_with_boxes: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site_with_boxes}/search/photo/")
    choose(page)
    page.get_by_role("radio", name="Print 1").focus()
    with page.expect_response("**/search/photo/"):
        page.keyboard.press("ArrowDown")
    assert checked(page) == "print-2"
    expect(page.get_by_role("radio", name="Print 2")).to_be_focused()


def test_a_box_of_ones_own_begins_at_the_chosen_one(site_with_boxes: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site_with_boxes}/search/photo/")
    page.evaluate(SENT)
    choose(page)
    pick(page, "My own box")
    assert page.locator("[data-crop]").evaluate("box => [box.style.left, box.style.width]") == ["30%", "40%"]
    with page.expect_response("**/search/photo/"):
        page.locator("[data-crop]").press("Shift+ArrowRight")
    assert page.evaluate("[sent.get('box'), sent.get('crop')]") == ["print", "0.30000,0.30000,0.72000,0.70000"]
    pick(page, "Garment")
    expect(page.locator("[data-crop]")).to_be_hidden()
    expect(page.locator(".box-line.on")).to_have_attribute("data-box", "garment-1")


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_part_of_an_items_picture_is_looked_for(site_with_boxes: str, open_window: OpenWindow, size: tuple[int, int]) -> None:
    page = open_window(size, locale="ru-RU").page
    page.goto(f"{site_with_boxes}/items/{ITEM}/")
    with page.expect_response("**/search/photo/"):
        page.get_by_role("link", name="Искать по части картинки").click()
    expect(page.get_by_role("heading", name="Часть картинки")).to_be_visible()
    expect(page.locator("#photo-results")).not_to_have_attribute("aria-busy", "true")
    assert checked(page) == "print-1"
    pick(page, "Вся картинка")
    if size == WIDE:
        assert violations(page) == []
    assert ITEM not in [card.get_attribute("data-item") for card in page.locator(ANSWER).all()]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Другая картинка").click()
    expect(page.locator("[data-photo-drop]")).to_be_visible()
    expect(page.locator("[name=item]")).to_have_count(0)


def test_without_script_a_part_of_an_items_picture_takes_two_clicks(site_with_boxes: str, open_window: OpenWindow) -> None:
    page = open_window(java_script_enabled=False).page
    page.goto(f"{site_with_boxes}/search/photo/?item={ITEM}")
    page.get_by_role("button", name="Find what looks like it").first.click()
    page.get_by_role("radio", name="Whole picture").check()
    page.get_by_role("button", name="Search with this box").click()
    expect(page.get_by_role("heading", name="Looks like the picture")).to_be_visible()
    assert ITEM not in [
        card.get_attribute("data-item") for card in page.locator("#photo-results [data-wall] [data-item]").all()
    ]


def test_back_from_a_result_brings_the_boxes_back(site_with_boxes: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site_with_boxes}/search/photo/")
    choose(page)
    pick(page, "Garment")
    # As an extension may do; put back, it would break the policy: the window's errors are checked.
    page.evaluate("for (const input of document.querySelectorAll('input')) input.style.color = 'red'")
    page.locator(ANSWER).first.click()
    expect(page).to_have_url(re.compile("/items/"))
    page.go_back()
    expect(page.locator("[data-photo-looks] .look-own")).to_have_count(1)
    expect(page.get_by_role("radio", name="Garment")).to_be_checked()
    expect(page.locator("[data-photo-looks] label")).to_have_count(5)
    expect(page.locator("[data-photo-looks] canvas")).to_have_count(4)
    pick(page, "Whole picture")
    expect(page.locator(FIRST)).to_have_attribute("data-item", ITEM)


def test_another_picture_is_searched_by_its_own_boxes(site_with_boxes: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site_with_boxes}/search/photo/")
    choose(page)
    pick(page, "Garment")
    page.get_by_role("button", name="Another picture").click()
    choose(page)
    assert checked(page) == "print-1"


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_boxes_are_chosen_without_javascript(site_with_boxes: str, open_window: OpenWindow, size: tuple[int, int]) -> None:
    page = open_window(size, java_script_enabled=False).page
    page.goto(f"{site_with_boxes}/search/photo/")
    page.locator("input[type=file]").first.set_input_files(PHOTO)
    page.get_by_role("button", name="Find what looks like it").click()
    expect(page.get_by_role("radio", name="Print 1")).to_be_checked()
    page.get_by_role("radio", name="Whole picture").check()
    page.get_by_role("button", name="Search with this box").click()
    expect(page.get_by_role("radio", name="Whole picture")).to_be_checked()
    expect(page.locator(FIRST)).to_have_attribute("data-item", ITEM)
    expect(page.get_by_role("radio", name="My own box")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def of_category(page: Page, name: str) -> None:
    page.locator("summary", has_text="Category").click()
    page.get_by_role("button", name=name, exact=True).click()


@pytest.mark.parametrize(("size", "javascript"), [(WIDE, True), (NARROW, True), (NARROW, False)])
def test_chips_narrow_the_answer_down(
    site_with_boxes: str, open_window: OpenWindow, size: tuple[int, int], javascript: bool
) -> None:
    page = open_window(size, java_script_enabled=javascript).page
    page.goto(f"{site_with_boxes}/search/photo/")
    page.locator("input[type=file]").first.set_input_files(PHOTO)
    if not javascript:
        page.get_by_role("button", name="Find what looks like it").click()
    page.locator("[name=box][value=garment-1]").check()
    of_category(page, "Space")
    chip = page.get_by_role("button", name=re.compile(r"^Space\s*, take off"))
    expect(chip).to_be_visible()
    expect(page.get_by_role("radio", name="Garment")).to_be_checked()
    expect(page.get_by_role("heading", name="Looks like the garment")).to_be_visible()
    page.locator("summary", has_text="Price").click()
    page.get_by_label("Price to").fill("0,50")
    page.get_by_label("Price to").press("Enter")
    expect(page.get_by_text("Nothing like this here")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name=re.compile(r"^Up to €0.50\s*, take off")).click()
    expect(page.locator(".wall .card").first).to_be_visible()
    chip.click()
    expect(chip).to_have_count(0)
    expect(page.locator(".wall .card")).to_have_count(12)
