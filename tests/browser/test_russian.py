"""Every feature in Russian at both sizes: no English word is left on what a person presses, reads as a heading or is told."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, OpenWindow
from tests.browser.pages import PUBLIC, paths

# Headings, buttons, chips, labels and what is said, each with the name that assistive technology reads. Titles, categories and
# currencies come from the shop; "English" names itself.
SPOKEN = """() => {
  const own = "h1, h2, h3, nav a, button, summary, legend, label, .quiet, .chip, .chips-count, .button, .muted, [role=status], "
    + "[role=alert], .honest p, figcaption, [aria-label], [placeholder]";
  const shops = ".card, .row, .strip, .variant-list, .menu, .item-text h1, .shop-product h1, .similar-products, "
    + ".honest .chips, .item-links, .compare-title, pre, code, .map-labels, #map-card, [lang=en]";
  const seen = (element) => element.checkVisibility({ visibilityProperty: true });
  const words = ({ ariaLabel, placeholder, textContent }) => (ariaLabel || placeholder || textContent).trim();
  return [...document.querySelectorAll(own)]
    .filter((element) => !element.closest(shops) && !element.querySelector(shops) && seen(element))
    .map(words)
    .filter((text) => /[A-Za-z]{3}/.test(text) && !/[А-яё]/.test(text));
}"""
# What stands for itself in any language.
NAMES = {"API", "CSV"}


def left_in_english(page: Page) -> list[str]:
    return [text for text in page.evaluate(SPOKEN) if text not in NAMES]


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_no_page_speaks_english(site: str, open_window: OpenWindow, size: tuple[int, int]) -> None:
    page = open_window(size, expected=("400", "404"), locale="ru-RU").page
    found = {}
    for path in paths(PUBLIC):
        if path.startswith(("/api/", "/items/?category")):  # the categories' own names
            continue
        page.goto(f"{site}{path}", wait_until="domcontentloaded")
        assert page.evaluate("document.documentElement.lang") == "ru"
        if english := left_in_english(page):
            found[path] = english
    assert found == {}, found


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_way_through_the_shop_in_russian(site: str, open_window: OpenWindow, size: tuple[int, int]) -> None:
    """Narrow a wall down, look at distances, compare two, keep one, find it on the map."""
    page = open_window(size, locale="ru-RU").page
    page.goto(f"{site}/items/100255/")
    page.locator(".chip-menu", has_text="Цвет").locator("summary").click()
    page.locator(".menu a", has_text="Тёмно-синий").click()
    expect(page.locator(".chip[aria-current]", has_text="Тёмно-синий")).to_be_visible()
    page.get_by_label("Показать расстояния").check()
    page.locator(".item [data-verdict=like]").click()
    expect(page.locator("#toast")).to_have_text("Добавлено в избранное.")
    page.get_by_role("link", name="Почему похожи?").first.click()
    expect(page.get_by_role("heading", name="Почему похожи?")).to_be_visible()
    page.goto(f"{site}/taste/")
    expect(page.get_by_role("heading", name="К этому подходит")).to_be_visible()
    assert left_in_english(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
