"""Liking and disliking: without a reload, without JavaScript, by keyboard, and as an address."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import NARROW, WIDE, OpenWindow

ITEM = "100255"
COUNT = "[data-taste-count]"


def like(card: Locator, verdict: str = "like") -> str:
    """Press a card's button; the card's ItemID, read first: afterwards another card may stand in its place."""
    item_id = card.get_attribute("data-item") or ""
    card.hover()
    card.locator(f"[data-verdict={verdict}]").click()
    return item_id


def shown(page: Page) -> list[str]:
    return [card.get_attribute("data-item") or "" for card in page.locator("#taste-live .card").all()]


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_a_like_needs_no_reload_and_stays(site: str, open_window: OpenWindow, size: tuple[int, int]) -> None:
    page = open_window(size).page
    page.goto(f"{site}/items/{ITEM}/")
    page.evaluate("window.stays = true")
    button = page.locator(".item [data-verdict=like]")
    button.click()
    expect(button).to_have_attribute("aria-pressed", "true")
    expect(page.locator(COUNT)).to_have_text("1")
    expect(page.locator("#toast")).to_have_text("Among your favourites.")
    assert page.evaluate("window.stays")
    page.reload()
    expect(page.locator(".item [data-verdict=like]")).to_have_attribute("aria-pressed", "true")
    page.locator(".item [data-verdict=dislike]").click()
    expect(page.locator(".item [data-verdict=like]")).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".item [data-verdict=dislike]")).to_have_attribute("aria-pressed", "true")
    page.locator(".item [data-verdict=dislike]").click()
    expect(page.locator(COUNT)).to_be_hidden()


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_the_taste_page_follows_every_judgement(site: str, open_window: OpenWindow, size: tuple[int, int]) -> None:
    page = open_window(size).page
    page.goto(f"{site}/taste/")
    expect(page.get_by_role("heading", name="No favourites yet")).to_be_visible()
    page.evaluate("window.stays = true")
    liked = like(page.locator("#taste-live .card").first)
    expect(page.get_by_role("heading", name="Goes with it")).to_be_visible()
    disliked = like(page.locator("#taste-live .card").nth(1), "dislike")
    expect(page.locator(".strip-item")).to_have_count(2)
    assert len(shown(page)) == 24
    assert not {liked, disliked} & set(shown(page))
    assert page.evaluate("window.stays")
    page.get_by_role("button", name="Undo the last").click()
    expect(page.locator(".strip-item")).to_have_count(1)
    page.locator(".remove").first.click()
    expect(page.get_by_role("heading", name="No favourites yet")).to_be_visible()
    like(page.locator("#taste-live .card").first)
    page.get_by_role("button", name="Clear all").click()
    expect(page.locator(COUNT)).to_be_hidden()


def test_the_focus_stays_where_the_hand_was(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/taste/")
    page.locator("#taste-live .heart").nth(3).focus()
    page.keyboard.press("Enter")
    expect(page.locator(".strip-item")).to_have_count(1)
    expect(page.locator("#taste-live .heart").nth(3)).to_be_focused()


def test_letters_judge_the_card_in_focus(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/{ITEM}/")
    card = page.locator("#narrowed .card").first
    card.locator(".card-link").focus()
    page.keyboard.press("l")
    expect(card.locator("[data-verdict=like]")).to_have_attribute("aria-pressed", "true")
    page.locator("#main").focus()
    page.keyboard.press("d")
    expect(page.locator(".item [data-verdict=dislike]")).to_have_attribute("aria-pressed", "true")
    page.locator("#site-search").press("l")
    expect(card.locator("[data-verdict=like]")).to_have_attribute("aria-pressed", "true")


def test_it_works_without_javascript(site: str, open_window: OpenWindow) -> None:
    page = open_window(NARROW, java_script_enabled=False).page
    page.goto(f"{site}/items/{ITEM}/")
    page.locator(".item [data-verdict=like]").click()
    expect(page).to_have_url(f"{site}/items/{ITEM}/")
    expect(page.locator(".item [data-verdict=like]")).to_have_attribute("aria-pressed", "true")
    page.goto(f"{site}/taste/")
    expect(page.locator("#taste-live .card")).to_have_count(24)
    page.locator(".remove").first.click()
    expect(page.locator(".strip-item")).to_have_count(0)


def test_an_address_shows_the_taste_to_somebody_else(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/taste/")
    like(page.locator("#taste-live .card").first)
    like(page.locator("#taste-live .card").nth(2), "dislike")
    expect(page.locator(".strip-item")).to_have_count(2)
    page.locator(".share summary").click()
    address, mine = page.get_by_label("Address to send").input_value(), shown(page)
    assert re.fullmatch(rf"{site}/taste/\?like=\d+&dislike=\d+", address)
    other = open_window().page
    other.goto(address)
    expect(other.get_by_role("heading", name="Somebody's favourites")).to_be_visible()
    assert shown(other) == mine
    expect(other.locator(COUNT)).to_be_hidden()
    other.get_by_role("button", name="Take them over").click()
    expect(other).to_have_url(f"{site}/taste/")
    expect(other.locator(COUNT)).to_have_text("1")
    assert shown(other) == mine


@pytest.mark.parametrize(
    ("size", "locale", "words"), [(WIDE, "en", ("To the front", "Price")), (NARROW, "ru", ("Поставить первым", "Цена"))]
)
def test_favourites_have_an_own_order_a_price_and_an_address(
    site: str, open_window: OpenWindow, size: tuple[int, int], locale: str, words: tuple[str, str]
) -> None:
    page = open_window(size, locale=locale).page
    page.goto(f"{site}/taste/")
    first = like(page.locator("#taste-live .card").first)
    expect(page.locator(".strip-item")).to_have_count(1)
    second = like(page.locator("#taste-live .card").nth(2))
    strip = page.locator(".strip-item a")
    expect(strip.first).to_have_attribute("href", f"/items/{second}/")
    page.get_by_role("button", name=words[0]).click()
    expect(strip.first).to_have_attribute("href", f"/items/{first}/")
    place = page.locator("#narrowed").bounding_box()
    page.locator(".share summary").click()
    expect(page.locator("#taste-address")).to_be_visible()
    assert page.locator("#narrowed").bounding_box() == place  # nothing moves
    page.keyboard.press("Escape")
    page.evaluate("window.stays = true")
    page.locator("#narrowed .chip-menu", has_text=words[1]).locator("summary").click()
    page.locator("[name=price_max]").fill("25")
    page.keyboard.press("Enter")
    expect(page.locator(".chip[aria-current]", has_text="25")).to_contain_text("€")
    expect(page).to_have_url(f"{site}/taste/?price_max=25")
    assert page.evaluate("window.stays && document.documentElement.scrollWidth <= innerWidth")


def test_a_judgement_that_was_not_saved_is_said(site: str, open_window: OpenWindow) -> None:
    page = open_window(expected=("ERR_FAILED",)).page
    page.goto(f"{site}/items/{ITEM}/")
    page.route("**/taste/judge/", lambda route: route.abort())
    page.locator(".item [data-verdict=like]").click()
    expect(page.locator("#toast")).to_contain_text("not saved")
    expect(page.locator(".item [data-verdict=like]")).to_have_attribute("aria-pressed", "false")
