"""The main way through the site, as a person with a mouse or a keyboard goes it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, OpenWindow

ITEM = re.compile(r"/items/\d+/$")


def item_of(page: Page) -> str:
    return page.url.rstrip("/").rsplit("/", 1)[1]


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_random_item_then_a_neighbour(site: str, open_window: OpenWindow, size: tuple[int, int]) -> None:
    page = open_window(size).page
    page.goto(f"{site}/")
    expect(page).to_have_url(ITEM)
    neighbour = page.locator("#narrowed .card").first
    wanted, title = neighbour.get_attribute("data-item"), neighbour.locator(".card-title").inner_text()
    neighbour.locator(".card-link").click()
    expect(page).to_have_url(f"{site}/items/{wanted}/")
    expect(page.locator("h1")).to_have_text(title)


def test_back_returns_to_the_random_item(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/")
    expect(page).to_have_url(ITEM)
    first = item_of(page)
    page.locator("#narrowed .card-link").first.click()
    page.wait_for_url(lambda url: first not in url)
    page.go_back()
    expect(page).to_have_url(f"{site}/items/{first}/")


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_more_comes_by_itself_twice_and_then_waits(site: str, open_window: OpenWindow, size: tuple[int, int]) -> None:
    page = open_window(size).page
    page.goto(f"{site}/items/100255/")
    page.evaluate("window.stays = true")
    cards = page.locator("#narrowed .card")
    expect(cards).to_have_count(12)
    for count in (24, 36):
        page.locator("[data-more-link]").scroll_into_view_if_needed()
        expect(cards).to_have_count(count)
    page.locator("[data-more-link]").scroll_into_view_if_needed()
    expect(page.locator("#measures")).to_be_attached()
    expect(cards).to_have_count(36)
    page.locator("[data-more-link]").click()
    expect(cards).to_have_count(48)
    assert len({card.get_attribute("data-item") for card in cards.all()}) == 48
    assert page.evaluate("document.activeElement.closest('.card') === document.querySelectorAll('#narrowed .card')[36]")
    expect(page.locator("[data-shown]")).to_have_text("48 shown")
    assert page.evaluate("window.stays")


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_chip_narrows_the_wall_and_can_be_taken_off(site: str, open_window: OpenWindow, size: tuple[int, int]) -> None:
    page = open_window(size).page
    page.goto(f"{site}/items/100255/")
    page.evaluate("window.stays = true")
    first = page.locator("#narrowed .card").first.get_attribute("data-item")
    page.locator(".chip-menu", has_text="Colour").locator("summary").click()
    page.locator(".menu a", has_text="Navy").click()
    expect(page).to_have_url(re.compile("colour=navy"))
    chip = page.locator(".chip[aria-current]", has_text="Navy")
    expect(chip).to_be_visible()
    chip.click()
    expect(page).to_have_url(re.compile(r"/items/100255/\??$"))
    expect(page.locator("#narrowed .card").first).to_have_attribute("data-item", first or "")
    assert page.evaluate("window.stays")


def test_escape_closes_a_menu_and_gives_the_focus_back(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/100255/")
    menu = page.locator(".chip-menu", has_text="Colour")
    menu.locator("summary").click()
    expect(menu.locator(".menu")).to_be_visible()
    page.keyboard.press("Escape")
    expect(menu.locator(".menu")).to_be_hidden()
    expect(menu.locator("summary")).to_be_focused()


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_the_picture_is_shown_large(site: str, open_window: OpenWindow, size: tuple[int, int]) -> None:
    page = open_window(size).page
    page.goto(f"{site}/items/100255/")
    page.locator("[data-enlarge]").click()
    expect(page.locator("#large img")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#large")).to_be_hidden()


def test_one_measure_at_a_time_on_a_narrow_page(site: str, open_window: OpenWindow) -> None:
    page = open_window(NARROW).page
    page.goto(f"{site}/items/100255/")
    expect(page.locator("#cosine")).to_be_visible()
    expect(page.locator("#manhattan")).to_be_hidden()
    page.locator("[data-tab]", has_text="Manhattan").click()
    expect(page.locator("#manhattan")).to_be_visible()
    expect(page.locator("#cosine")).to_be_hidden()


def test_distances_on_request_and_remembered(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/")
    distance = page.locator("#cosine .row-end .distance").first
    expect(distance).to_be_hidden()
    page.get_by_label("Show distances").check()
    expect(distance).to_be_visible()
    page.reload()
    expect(page.locator("#cosine .row-end .distance").first).to_be_visible()


def test_the_theme_is_chosen_and_remembered(site: str, open_window: OpenWindow) -> None:
    page = open_window(scheme="light").page
    page.goto(f"{site}/items/")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Light or dark").click()
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert before != after
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == after


def test_a_random_item_stays_when_the_language_changes(site: str, open_window: OpenWindow) -> None:
    page = open_window(NARROW, java_script_enabled=False).page
    page.goto(f"{site}/")
    item = page.locator("[data-item-page]").get_attribute("data-item-page")
    page.get_by_role("button", name="Русский").click()
    expect(page).to_have_url(f"{site}{item}")
    expect(page.locator("html")).to_have_attribute("lang", "ru")


def test_the_language_is_chosen(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/")
    page.get_by_role("button", name="Русский").click()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.locator("h1")).to_have_text("Каталог")


@pytest.mark.parametrize("language", ["en-GB", "ru-RU"])
@pytest.mark.parametrize("width", [320, 390, 820, 1024, 1280, 1920])
def test_nothing_is_wider_than_the_window(site: str, open_window: OpenWindow, width: int, language: str) -> None:
    page = open_window((width, 800), expected=("404",), locale=language).page
    for path in ("/items/100255/", "/items/", "/taste/?like=100255", "/items/nothing-like-it/"):
        page.goto(f"{site}{path}", wait_until="domcontentloaded")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_pictures_are_modern_and_do_not_move_the_page(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    types: list[str | None] = []
    page.on(
        "response", lambda response: types.append(response.header_value("content-type")) if "preview" in response.url else None
    )
    page.add_init_script(
        "window.shift = 0; new PerformanceObserver(list => { for (const e of list.getEntries()) window.shift += e.value })"
        ".observe({type: 'layout-shift', buffered: true})"
    )
    page.goto(f"{site}/")
    page.wait_for_load_state("networkidle")
    assert set(types) == {"image/avif"}
    page.mouse.wheel(0, 4000)
    expect(page.locator("#narrowed .card")).not_to_have_count(12)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("window.shift") < 0.02


def test_without_javascript_the_site_still_works(site: str, open_window: OpenWindow) -> None:
    page = open_window(java_script_enabled=False).page
    page.goto(f"{site}/")
    page.get_by_role("link", name="Show more").click()
    assert page.locator("#narrowed .card").count() == 24
    assert page.locator(".measure:visible").count() == 3
    page.locator(".chip-menu", has_text="Colour").locator("summary").click()
    page.locator(".menu a", has_text="Navy").click()
    expect(page.locator(".chip[aria-current]", has_text="Navy")).to_be_visible()
    page.goto(f"{site}/items/")
    page.get_by_role("searchbox", name="Search").fill("cat")
    page.get_by_role("searchbox", name="Search").press("Enter")
    expect(page).to_have_url(re.compile("q=cat"))
    assert page.locator(".card").count() > 0


def test_nearly_the_same_is_another_version(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/100255/")
    first = page.locator("#cosine .row-link").first
    first.click()
    expect(page.get_by_role("heading", name="Also in 1 other version")).to_be_visible()
