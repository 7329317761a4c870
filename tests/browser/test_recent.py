"""Recently seen: a strip from ids that this browser alone remembers."""

import json

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NARROW, WIDE, OpenWindow


@pytest.mark.parametrize(("size", "locale", "name"), [(WIDE, "en", "Recently seen"), (NARROW, "ru", "Недавно просмотренное")])
def test_items_come_newest_first_and_can_be_forgotten(
    site: str, open_window: OpenWindow, size: tuple[int, int], locale: str, name: str
) -> None:
    page = open_window(size, locale=locale).page
    first = "100255"
    page.goto(f"{site}/items/{first}/")
    ids = page.locator("#narrowed .card").evaluate_all("cards => cards.map((card) => card.dataset.item)")[:2]
    strip = page.locator("[data-place=recent]")
    expect(strip).to_be_hidden()
    for item_id in ids:
        page.goto(f"{site}/items/{item_id}/")
        expect(strip).to_be_visible()
    expect(strip.get_by_role("heading", name=name)).to_be_visible()
    cards = strip.locator("[data-item]")
    assert cards.evaluate_all("cards => cards.map((card) => card.dataset.item)") == [ids[0], first]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    with page.expect_request("**/usage/") as sent:
        cards.first.scroll_into_view_if_needed()
        cards.first.locator("a").click()
    assert json.loads(sent.value.post_data or "")["place"] in {"wall", "measures", "recent"}
    page.wait_for_url(f"{site}/items/{ids[0]}/")
    strip.locator("[data-recent-clear]").click()
    page.goto(f"{site}/items/{ids[0]}/")
    expect(page.locator("#measures")).to_be_attached()
    expect(strip).to_be_hidden()
    assert page.evaluate("localStorage.recent") == json.dumps([ids[0]], separators=(",", ":"))


def test_what_is_gone_is_forgotten(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/")
    page.evaluate("localStorage.recent = JSON.stringify(['nowhere', '100255'])")
    page.goto(f"{site}/items/")
    link = page.locator(".card:not([data-item='100255'])").first
    item_id = link.get_attribute("data-item")
    page.goto(f"{site}/items/{item_id}/")
    expect(page.locator("[data-place=recent] [data-item]")).to_have_count(1)
    assert page.evaluate("localStorage.recent") == json.dumps([item_id, "100255"], separators=(",", ":"))
