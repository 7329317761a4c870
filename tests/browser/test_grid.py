"""The grid: answers while you type, keeps its state in the address."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, WIDE, OpenWindow


def test_answers_while_you_type(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/")
    page.evaluate("window.stays = true")
    page.get_by_role("searchbox", name="Search").press_sequentially("camo")
    expect(page).to_have_url(re.compile(r"\?q=camo$"))
    expect(page.locator(".card-title").first).to_contain_text(re.compile("camo", re.IGNORECASE))
    assert page.evaluate("window.stays")


def test_an_address_brings_its_state_back(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/?q=tee&category=Cats&sort=price")
    expect(page.get_by_role("searchbox", name="Search")).to_have_value("tee")
    expect(page.locator(".chip[aria-current]", has_text="Cats")).to_be_visible()
    expect(page.locator(".chips-end summary")).to_have_text("Cheapest first")


def test_a_colour_is_chosen(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/")
    page.locator(".chip-menu", has_text="Colour").locator("summary").click()
    page.locator(".menu a", has_text="Navy").click()
    expect(page).to_have_url(re.compile("colour=navy"))
    expect(page.locator(".card").first).to_be_visible()


def test_nothing_found_is_said(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/")
    page.get_by_role("searchbox", name="Search").fill("zeppelin")
    expect(page.get_by_text("Nothing matches")).to_be_visible()


def test_next_page_and_back(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/?sort=id")
    first = page.locator(".card-title").first.inner_text()
    page.goto(f"{site}/items/{page.get_by_role('link', name='Next page').get_attribute('href')}")
    expect(page.locator(".card-title").first).not_to_have_text(first)
    page.get_by_role("link", name="Earlier page").click()
    expect(page.locator(".card-title").first).to_have_text(first)


def test_typing_keeps_what_was_chosen(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/")
    page.locator(".chip-menu", has_text="Category").locator("summary").click()
    page.locator(".menu a", has_text="Cats").click()
    expect(page).to_have_url(re.compile("category=Cats"))
    page.get_by_role("searchbox", name="Search").press_sequentially("tee")
    expect(page).to_have_url(re.compile(r"\?q=tee&category=Cats$"))


def test_the_next_page_joins_this_one(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/?sort=id")
    expect(page.locator(".card")).to_have_count(48)
    page.get_by_role("link", name="Next page").scroll_into_view_if_needed()
    expect(page.locator(".card")).to_have_count(96)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_typing_error_is_forgiven_and_named(site: str, open_window: OpenWindow, size: tuple[int, int]) -> None:
    page = open_window(size).page
    page.goto(f"{site}/items/")
    page.get_by_role("searchbox", name="Search").fill("dgo")
    expect(page.locator(".meant")).to_contain_text("Showing what was found for “dog”")
    expect(page.locator(".card-title").first).to_contain_text(re.compile("dog", re.IGNORECASE))
    page.get_by_role("link", name="Search for it all the same").click()
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    expect(page).to_have_url(re.compile("q=dgo&exact=1"))


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_back_returns_to_the_place(site: str, open_window: OpenWindow, size: tuple[int, int]) -> None:
    page = open_window(size).page
    page.goto(f"{site}/items/?sort=id")
    expect(page.locator("[data-shown]")).to_have_text("48 shown")
    page.get_by_role("link", name="Next page").scroll_into_view_if_needed()
    expect(page.locator("[data-shown]")).to_have_text("96 shown")
    card = page.locator(".card").nth(70)
    wanted = card.get_attribute("data-item")
    card.locator(".card-link").click()
    expect(page).to_have_url(re.compile(f"/items/{wanted}/$"))
    page.go_back()
    expect(page).to_have_url(re.compile(r"/items/\?sort=id$"))
    expect(page.locator(f".card[data-item='{wanted}']")).to_be_in_viewport()
