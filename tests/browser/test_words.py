"""Search by words in a real browser, on a site that was built with `--network onnx:…`."""

import re
import subprocess
import sys
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, ROOT, WIDE, OpenWindow, running

BLUE = ROOT / "static" / "photo" / "samples" / "dolphin.jpg"


@pytest.fixture(scope="module")
def words_site(site_environment: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The base URL of a site that reads words; its static files are those of the other site."""
    folder = tmp_path_factory.mktemp("words")
    environment = {
        **site_environment,
        "DATABASE_URL": f"sqlite:///{folder / 'site.sqlite3'}",
        "IMAGES_DIR": str(folder / "images"),
        "INDEX_PATH": str(folder / "index.pkl"),
        "CACHE_DIR": str(folder / "cache"),
    }
    seeding = [sys.executable, "-m", "tests.browser.seed_words", str(folder / "encoder")]
    subprocess.run(seeding, cwd=ROOT, env=environment, check=True, timeout=300)
    with running(environment) as base:
        yield base


def ids(page: Page) -> list[str]:
    return [card.get_attribute("data-item") or "" for card in page.locator("[data-wall] .card").all()]


@pytest.mark.parametrize(("size", "scheme", "script"), [(NARROW, "dark", True), (WIDE, "light", False)])
def test_words_item_and_less_like_this(
    words_site: str, open_window: OpenWindow, size: tuple[int, int], scheme: str, script: bool
) -> None:
    page = open_window(size, scheme, java_script_enabled=script).page
    page.goto(f"{words_site}/items/")
    page.get_by_role("searchbox", name="Search").fill("red shirt")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Looks like: red shirt")
    first, *_others = before = ids(page)

    page.locator(f'.card[data-item="{first}"]').get_by_role("link", name=re.compile("^Less like this")).click()
    expect(page.locator(".wish")).to_contain_text("Less like this")
    assert first not in ids(page)
    if script:
        found = Axe().run(page).response["violations"]
        assert [(rule["id"], [node["target"] for node in rule["nodes"]][:4]) for rule in found] == []

    page.locator(".wish .icon-button").click()
    expect(page.locator(".wish")).to_have_count(0)
    assert ids(page) == before

    page.locator(f'.card[data-item="{before[1]}"] .card-link').click()
    page.get_by_role("searchbox", name="Like this, but…").fill("blue")
    page.keyboard.press("Enter")
    expect(page.locator(".wish")).to_contain_text("Like this")
    expect(page).to_have_url(re.compile(rf"q=blue&item={before[1]}"))
    assert ids(page) != before


def test_chips_stay_on_the_page(words_site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{words_site}/search/words/?q=red")
    page.evaluate("window.stays = true")
    page.locator(".chip-menu", has_text="Category").locator("summary").click()
    page.locator(".menu a", has_text="Cats").click()
    expect(page.locator(".chip[aria-current]", has_text="Cats")).to_be_visible()
    expect(page).to_have_url(re.compile(r"q=red&category=Cats"))
    assert page.evaluate("window.stays")


def test_a_photo_and_words(words_site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{words_site}/search/photo/")
    page.get_by_role("button", name="Shirt with a dolphin").click()
    expect(page.locator("[data-photo-status]")).to_have_text("Found what looks like it.")
    alone = ids(page)
    with page.expect_response("**/search/photo/"):
        page.get_by_label("And in words, if you like").fill("red")
    expect(page.locator("[data-wall] .card").first).not_to_have_attribute("data-item", alone[0])


def test_a_photo_and_words_without_javascript(words_site: str, open_window: OpenWindow) -> None:
    page = open_window(java_script_enabled=False).page
    page.goto(f"{words_site}/search/photo/")
    page.locator("input[type=file]").first.set_input_files(BLUE)
    page.get_by_label("And in words, if you like").fill("red")
    page.get_by_role("button", name="Find what looks like it").click()
    expect(page.locator("[data-wall] .card").first).to_be_visible()
    expect(page.get_by_label("And in words, if you like")).to_have_value("red")


def test_the_widget_takes_words(words_site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{words_site}/items/")
    with page.expect_response(re.compile(r"/api/v1/search/words\?k=3&q=red$")):
        page.evaluate(
            """() => {
              const script = Object.assign(document.createElement("script"), { src: "/static/widget.js" });
              Object.assign(script.dataset, { words: "red", count: "3" });
              document.querySelector("main").append(script);
            }"""
        )
    expect(page.locator(".similar-products li")).to_have_count(3)
