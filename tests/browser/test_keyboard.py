"""The keyboard: n, space, j, k, arrows, enter, b, /, ?."""

import re

from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenWindow

FOCUSED = "document.activeElement.closest('.card')?.dataset.item"


def cards(page: Page) -> list[str]:
    return [str(card.get_attribute("data-item")) for card in page.locator("main .card").all()]


def test_j_and_k_step_through_neighbours(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/100255/")
    ids = cards(page)
    page.keyboard.press("j")
    assert page.evaluate(FOCUSED) == ids[0]
    page.keyboard.press("j")
    page.keyboard.press("ArrowRight")
    assert page.evaluate(FOCUSED) == ids[2]
    page.keyboard.press("k")
    assert page.evaluate(FOCUSED) == ids[1]


def test_down_goes_to_the_card_below(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/100255/")
    page.keyboard.press("j")
    page.keyboard.press("ArrowDown")
    first, here = (
        page.evaluate(f"(({{ left, top }}) => [left, top])({which}.getBoundingClientRect())")
        for which in ("document.querySelector('.card')", "document.activeElement.closest('.card')")
    )
    assert abs(first[0] - here[0]) < 2
    assert here[1] > first[1]


def test_enter_opens_and_b_goes_back(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/100255/")
    page.keyboard.press("j")
    wanted = page.evaluate(FOCUSED)
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{site}/items/{wanted}/")
    page.keyboard.press("b")
    expect(page).to_have_url(f"{site}/items/100255/")


def test_n_and_space_bring_another_one(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/")
    page.keyboard.press("n")
    expect(page).to_have_url(re.compile(r"/items/\d+/$"))
    first = page.url
    page.keyboard.press(" ")
    # The same one again: once in 374.
    expect(page).not_to_have_url(first)


def test_keys_typed_into_a_field_are_letters(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/")
    page.get_by_role("searchbox", name="Search").press_sequentially("n j?")
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("n j?")


def test_question_mark_explains_and_escape_closes(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/100255/")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Keyboard")).to_be_hidden()


def test_slash_searches(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/100255/")
    page.keyboard.press("/")
    page.keyboard.type("cat")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/items/\?q=cat$"))


def test_the_skip_link_is_the_first_stop(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/100255/")
    page.keyboard.press("Tab")
    expect(page.locator(".skip-link")).to_be_focused()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
