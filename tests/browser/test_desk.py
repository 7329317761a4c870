"""The owner's desk in a browser: logging in, hiding an item, making a rule, what it brought."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, WIDE, OpenWindow
from tests.browser.seed import OWNER, PASSWORD


def log_in(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/")
    page.fill("#id_username", OWNER)
    page.fill("#id_password", PASSWORD)
    page.click("[type=submit]")
    expect(page.locator("#user-tools")).to_be_visible()


def test_the_page_says_what_it_brought(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    log_in(page, site)
    page.goto(f"{site}/admin/owner/usagecount/")
    expect(page.locator(".desk-verdict")).to_contain_text("were opened")
    expect(page.locator(".desk-table")).to_contain_text("too few to tell")
    page.get_by_role("link", name="7 days").click()
    expect(page.locator('[aria-current="true"]')).to_have_text("7 days")


def test_in_russian(site: str, open_window: OpenWindow) -> None:
    page = open_window(NARROW, locale="ru-RU").page
    log_in(page, site)
    page.goto(f"{site}/admin/owner/usagecount/")
    expect(page.locator("h1").last).to_have_text("Что это дало")


def test_an_item_is_hidden_and_shown_again(site: str, open_window: OpenWindow) -> None:
    page = open_window(expected=("404",)).page
    log_in(page, site)
    for action, status in (("hide", 404), ("show_again", 200)):
        page.goto(f"{site}/admin/catalog/item/?q=110182")
        page.locator("input.action-select").first.check()
        page.select_option("select[name=action]", action)
        page.click("button[name=index]")
        expect(page.locator(".messagelist")).to_be_visible()
        response = page.goto(f"{site}/items/110182/")
        assert response is not None
        assert response.status == status


@pytest.mark.parametrize(
    ("size", "locale", "words"), [(WIDE, "en", ("Hide", "Undo", "hidden")), (NARROW, "ru", ("Скрыть", "Отменить", "скрыт"))]
)
def test_what_never_leads_on_is_hidden_and_that_undone(
    site: str, open_window: OpenWindow, size: tuple[int, int], locale: str, words: tuple[str, str, str]
) -> None:
    hide, undo, state = words
    page = open_window(size, locale=locale).page
    log_in(page, site)
    page.goto(f"{site}/admin/owner/usagecount/?days=7")
    row = page.locator("#never-name ~ .desk-rows li").first
    name = row.locator("a").first.inner_text()
    row.get_by_role("button", name=hide).click()
    done = page.locator(".desk-done")
    expect(done).to_contain_text(name)
    expect(page.locator('[aria-current="true"]')).to_contain_text("7")
    expect(row).to_contain_text(state)
    done.get_by_role("button", name=undo).click()
    expect(row).not_to_contain_text(state)
    expect(page.locator(".desk-done")).to_contain_text(name)


@pytest.mark.parametrize(
    ("size", "locale", "sentence"),
    [
        (WIDE, "en", "Never show Cats beside Space."),
        (NARROW, "ru", "Никогда не показывать категорию «Cats» рядом с категорией «Space»."),
    ],
)
def test_a_rule_is_made_tried_and_taken_back(
    site: str, open_window: OpenWindow, size: tuple[int, int], locale: str, sentence: str
) -> None:
    page = open_window(size, locale=locale).page
    log_in(page, site)
    page.goto(f"{site}/admin/owner/rule/add/")
    page.select_option("#id_kind", "never")
    for side, category in (("then", "Cats"), ("if", "Space")):
        page.select_option(f"#id_{side}_field", "category")
        page.fill(f"#id_{side}_value", category)
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    page.click("[name=_save]")
    rule = page.locator("#result_list a", has_text=sentence)
    expect(rule).to_be_visible()
    page.goto(f"{site}/admin/owner/rule/preview/?item=earth")
    page.locator(".desk-rows a").first.click()
    expect(page.locator("#before-name")).to_be_visible()
    page.go_back()
    page.goto(f"{site}/admin/owner/rule/")
    rule.click()
    page.click(".deletelink")
    page.click("#content [type=submit]")
    expect(rule).to_have_count(0)


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_what_is_shown_and_opened_is_counted(site: str, open_window: OpenWindow, size: tuple[int, int]) -> None:
    page = open_window(size).page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or "") if request.url.endswith("/usage/") else None)
    page.goto(f"{site}/items/100255/")
    page.locator("[data-place=wall] [data-item]").first.scroll_into_view_if_needed()
    card = page.locator("[data-place=wall] [data-item] a").first
    item_id = page.locator("[data-place=wall] [data-item]").first.get_attribute("data-item")
    with page.expect_request(lambda request: request.url.endswith("/usage/")):
        pass
    card.click()
    page.wait_for_url(f"**/items/{item_id}/")
    assert any('"place":"wall"' in text and f'"{item_id}"' in text.partition('"opened"')[0] for text in sent)
    assert any(f'"opened":["{item_id}"]' in text for text in sent)
