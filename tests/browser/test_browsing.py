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
    neighbour = page.locator("#lane-cosine .card").first
    wanted, title = neighbour.get_attribute("data-item"), neighbour.locator(".card-title").inner_text()
    neighbour.locator(".card-title").click()
    expect(page).to_have_url(f"{site}/items/{wanted}/")
    expect(page.locator("h1")).to_have_text(title)


def test_back_returns_to_the_random_item(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/")
    expect(page).to_have_url(ITEM)
    first = item_of(page)
    page.locator("#lane-cosine .card-picture").first.click()
    page.wait_for_url(lambda url: first not in url)
    page.go_back()
    expect(page).to_have_url(f"{site}/items/{first}/")


def test_show_more_brings_more_without_a_reload(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/")
    page.evaluate("window.stays = true")
    page.locator("#lane-euclidean .lane-more").click()
    expect(page.locator("#lane-euclidean .card")).to_have_count(20)
    expect(page.locator("#lane-cosine .card")).to_have_count(5)
    assert page.evaluate("window.stays")
    assert "euclidean=20" in page.url


def test_raw_distances_on_request_and_remembered(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/")
    raw = page.locator("#lane-cosine .distance-raw").first
    expect(raw).to_be_hidden()
    page.get_by_label("Show raw distances").check()
    expect(raw).to_be_visible()
    page.reload()
    expect(page.locator("#lane-cosine .distance-raw").first).to_be_visible()


def test_the_theme_is_chosen_and_remembered(site: str, open_window: OpenWindow) -> None:
    page = open_window(scheme="light").page
    page.goto(f"{site}/items/")
    before = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Light or dark").click()
    after = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert before != after
    page.reload()
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == after


def test_the_language_is_chosen(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/")
    page.get_by_role("button", name="Русский").click()
    expect(page.locator("html")).to_have_attribute("lang", "ru")
    expect(page.locator("h1")).to_have_text("Каталог")


@pytest.mark.parametrize("width", [320, 390, 820, 1024, 1280])
def test_nothing_is_wider_than_the_window(site: str, open_window: OpenWindow, width: int) -> None:
    page = open_window((width, 800), expected=("404",)).page
    for path in ("/items/100255/", "/items/", "/items/nothing-like-it/"):
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
    assert page.evaluate("window.shift") < 0.02


def test_without_javascript_the_site_still_works(site: str, open_window: OpenWindow) -> None:
    page = open_window(java_script_enabled=False).page
    page.goto(f"{site}/")
    page.locator("#lane-manhattan .lane-more").click()
    assert page.locator("#lane-manhattan .card").count() == 20
    page.goto(f"{site}/items/")
    page.get_by_role("searchbox", name="Search").fill("cat")
    page.get_by_role("button", name="Show").click()
    expect(page).to_have_url(re.compile("q=cat"))
    assert page.locator(".card").count() > 0


def test_a_fold_opens(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/100255/")
    fold = page.locator("#lane-cosine .copies").first
    expect(fold.locator("li")).to_be_hidden()
    fold.locator("summary").click()
    expect(fold.locator("li")).to_be_visible()
