"""One's own photo: chosen, dropped, pasted; cropped by hand and by keyboard; with and without JavaScript."""

import re
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.conftest import NARROW, ROOT, WIDE, OpenWindow, running

ITEM = "100255"
PHOTO = ROOT / "data" / "demo" / f"{ITEM}.jpg"
FIRST = ".wall .card >> nth=0"
# Hands the page a file as the browser does: by a paste or a drop.
GIVE = """([data, kind]) => {
  const bytes = Uint8Array.from(atob(data), (c) => c.charCodeAt(0));
  const held = new DataTransfer();
  held.items.add(new File([bytes], "me.jpg", { type: "image/jpeg" }));
  const event = kind === "paste" ? new ClipboardEvent("paste", { clipboardData: held, bubbles: true })
                                 : new DragEvent("drop", { dataTransfer: held, bubbles: true, cancelable: true });
  document.querySelector("main").dispatchEvent(event);
}"""


@pytest.fixture(scope="module")
def photo_site(site_environment: dict[str, str]) -> Iterator[str]:
    """The seeded site with a network that sees thumbnails."""
    with running(site_environment, "tests.browser.fake_network:application") as base:
        yield base


def choose(page: Page, photo: Path = PHOTO) -> None:
    with page.expect_response("**/search/photo/"):
        page.locator("input[type=file]").first.set_input_files(photo)
    expect(page.locator("[data-photo-status]")).to_have_text("Found what looks like it.")


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_chosen_photo_finds_itself(photo_site: str, open_window: OpenWindow, size: tuple[int, int]) -> None:
    page = open_window(size).page
    page.goto(f"{photo_site}/search/photo/")
    choose(page)
    with page.expect_response("**/search/photo/"):
        page.get_by_role("button", name="Whole picture").click()
    expect(page.locator(FIRST)).to_have_attribute("data-item", ITEM)
    expect(page.locator(".wall")).to_have_count(1)
    expect(page.locator(".measure")).to_have_count(3)
    expect(page.locator("[data-more-link]")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("kind", ["paste", "drop"])
def test_a_photo_can_be_pasted_or_dropped(photo_site: str, open_window: OpenWindow, kind: str) -> None:
    page = open_window().page
    page.goto(f"{photo_site}/search/photo/")
    page.evaluate(GIVE, [b64encode(PHOTO.read_bytes()).decode(), kind])
    expect(page.locator(".wall .card")).to_have_count(12)


def test_the_box_obeys_the_keyboard(photo_site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{photo_site}/search/photo/")
    choose(page)
    box, words = page.locator("[data-crop]"), page.locator("[data-crop-words]")
    box.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Shift+ArrowUp")
    expect(words).to_have_text("Crop: from 12 to 92 per cent across, 10 to 88 down")
    page.keyboard.press("Home")
    expect(words).to_have_text("Crop: from 0 to 100 per cent across, 0 to 100 down")
    expect(page.locator(FIRST)).to_have_attribute("data-item", ITEM)
    page.get_by_role("button", name="Another picture").click()
    expect(page.get_by_text("Choose a picture")).to_be_visible()


def test_the_box_obeys_the_hand(photo_site: str, open_window: OpenWindow) -> None:
    page = open_window(NARROW).page
    page.goto(f"{photo_site}/search/photo/")
    choose(page)
    before = page.locator("[data-crop]").bounding_box()
    assert before
    page.mouse.move(before["x"] + before["width"] - 1, before["y"] + before["height"] - 1)
    page.mouse.down()
    page.mouse.move(before["x"] + before["width"] / 2, before["y"] + before["height"] / 2, steps=4)
    with page.expect_response("**/search/photo/"):
        page.mouse.up()
    after = page.locator("[data-crop]").bounding_box()
    assert after
    assert abs(after["width"] - before["width"] / 2) < 4
    assert abs(after["height"] - before["height"] / 2) < 4
    assert (after["x"], after["y"]) == (before["x"], before["y"])


def test_only_the_box_leaves_the_browser(photo_site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{photo_site}/search/photo/")
    page.evaluate(
        """() => {
          const plain = window.fetch;
          window.fetch = (url, options) => ((window.sent = options.body), plain(url, options));
        }"""
    )
    choose(page)
    # The demo's previews are 250 pixels wide, and the box begins as the middle 80 per cent.
    size = page.evaluate("createImageBitmap(sent.get('photo')).then(({ width, height }) => [width, height])")
    assert size == [200, 200]
    assert page.evaluate("[...sent.keys()]") == ["csrfmiddlewaretoken", "photo"]


def test_a_full_queue_is_waited_for(photo_site: str, open_window: OpenWindow) -> None:
    page = open_window(expected=("503",)).page
    page.goto(f"{photo_site}/search/photo/")
    turns: list[str] = []

    def first_is_refused(route: Route) -> None:
        turns.append(route.request.method)
        if len(turns) == 1:
            route.fulfill(status=503, headers={"Retry-After": "1"}, body="full")
        else:
            route.continue_()

    page.route("**/search/photo/", first_is_refused)
    page.locator("input[type=file]").first.set_input_files(PHOTO)
    expect(page.locator("[data-photo-status]")).to_contain_text("Others are before you")
    expect(page.locator(".wall .card")).to_have_count(12)
    assert turns == ["POST", "POST"]


def test_what_is_no_picture_is_said(photo_site: str, open_window: OpenWindow, tmp_path: Path) -> None:
    letter = tmp_path / "letter.jpg"
    letter.write_text("Dear shop")
    page = open_window(expected=("400",)).page
    page.goto(f"{photo_site}/search/photo/")
    page.locator("input[type=file]").first.set_input_files(letter)
    expect(page.locator("[data-photo-status]")).to_contain_text("not a picture")
    plain = open_window(java_script_enabled=False, expected=("400",)).page
    plain.goto(f"{photo_site}/search/photo/")
    plain.locator("input[type=file]").first.set_input_files(letter)
    plain.get_by_role("button", name="Find what looks like it").click()
    expect(plain.get_by_role("alert")).to_contain_text("not a JPEG")


def test_it_works_without_javascript(photo_site: str, open_window: OpenWindow) -> None:
    page = open_window(NARROW, java_script_enabled=False).page
    page.goto(f"{photo_site}/search/photo/")
    page.locator("input[type=file]").first.set_input_files(PHOTO)
    page.get_by_role("button", name="Find what looks like it").click()
    expect(page.locator(FIRST)).to_have_attribute("data-item", ITEM)
    expect(page.get_by_alt_text("The picture you sent")).to_be_visible()


def test_a_phone_offers_its_camera(photo_site: str, open_window: OpenWindow) -> None:
    page = open_window(NARROW, has_touch=True, is_mobile=True).page
    page.goto(f"{photo_site}/search/photo/")
    expect(page.get_by_text("Take a photo")).to_be_visible()
    expect(page.locator("[capture=environment]")).to_have_count(1)


ANSWER = '#photo-results a[href^="/items/"]'


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_back_from_a_result_brings_photo_box_and_results_back(
    photo_site: str, open_window: OpenWindow, size: tuple[int, int]
) -> None:
    page = open_window(size).page
    page.goto(f"{photo_site}/search/photo/")
    choose(page)
    page.locator("[data-crop]").focus()
    with page.expect_response("**/search/photo/"):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#photo-results")).not_to_have_attribute("aria-busy", "true")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.method) if "/search/photo/" in request.url else None)
    left = page.locator("[data-crop]").evaluate("box => box.style.left")
    found = page.locator(ANSWER).evaluate_all("links => links.map((link) => link.href)")
    page.locator(ANSWER).first.click()
    expect(page).to_have_url(re.compile("/items/"))
    with page.expect_response("**/taste/judge/"):
        page.locator(".item [data-verdict=like]").first.click()
    page.go_back()
    expect(page.locator("[data-photo-editor]")).to_be_visible()
    expect(page.locator("#photo-results [data-verdict=like]").first).to_have_attribute("aria-pressed", "true")
    assert page.locator("[data-photo-picture]").evaluate("image => image.decode().then(() => image.naturalWidth > 0)")
    assert page.locator("[data-crop]").evaluate("box => box.style.left") == left == "12%"
    assert page.locator(ANSWER).evaluate_all("links => links.map((link) => link.href)") == found
    assert "POST" not in asked  # nothing was sent again


def test_another_tab_and_a_fresh_visit_start_afresh(photo_site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{photo_site}/search/photo/")
    choose(page)
    page.goto(f"{photo_site}/items/{ITEM}/")
    page.goto(f"{photo_site}/search/photo/")
    expect(page.locator("[data-photo-drop]")).to_be_visible()
    page.reload()
    expect(page.locator("[data-photo-editor]")).to_be_hidden()
    other = page.context.new_page()
    other.goto(f"{photo_site}/search/photo/")
    assert other.evaluate("sessionStorage.getItem('photo')") is None


def test_another_picture_forgets_the_one_before(photo_site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{photo_site}/search/photo/")
    choose(page)
    page.get_by_role("button", name="Another picture").click()
    expect(page.locator("[data-photo-drop]")).to_be_visible()
    expect(page.locator(ANSWER)).to_have_count(0)
    page.reload()
    expect(page.locator("[data-photo-drop]")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_sample_can_be_tried(photo_site: str, open_window: OpenWindow, javascript: bool) -> None:
    page = open_window(NARROW, java_script_enabled=javascript).page
    page.goto(f"{photo_site}/search/photo/")
    page.get_by_role("button", name="Shirt with a cat").click()
    expect(page.locator(ANSWER).first).to_be_visible()
    expect(page.locator("[data-photo-editor]")).to_be_visible(visible=javascript)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
