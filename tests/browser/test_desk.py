"""The owner's desk in a browser: logging in, hiding an item, what it brought."""

import os
import subprocess
import sys

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import NARROW, ROOT, WIDE, OpenWindow

NAME, PASSWORD = "owner", "a password for this test"
COUNTS = """
import datetime
from catalog.owner.models import UsageCount
for ago in range(20):
    day = datetime.date.today() - datetime.timedelta(days=ago)
    for place, opened in (("photo", 9), ("favourites", 4), ("recent", 0)):
        counts = {"shown": 90 + ago, "opened": opened, "shop": 1}
        UsageCount.objects.update_or_create(day=day, place=place, item_id="100255", defaults=counts)
    UsageCount.objects.update_or_create(day=day, place="photo", item_id="110182", defaults={"shown": 40})
"""


@pytest.fixture(scope="module")
def owner(site: str, site_environment: dict[str, str]) -> str:
    """The site's address, with an owner and some counts."""
    environment = {**os.environ, **site_environment, "DJANGO_SUPERUSER_PASSWORD": PASSWORD}
    account = ["createsuperuser", "--noinput", "--username", NAME, "--email", "owner@shop.example"]
    for words in (account, ["shell", "-c", COUNTS]):
        subprocess.run([sys.executable, "manage.py", *words], cwd=ROOT, env=environment, check=True, timeout=120)
    return site


def log_in(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/")
    page.fill("#id_username", NAME)
    page.fill("#id_password", PASSWORD)
    page.click("[type=submit]")
    expect(page.locator("#user-tools")).to_be_visible()


@pytest.mark.parametrize("path", ["owner/usagecount/", "owner/run/", "owner/rule/preview/?item=100255"])
@pytest.mark.parametrize(("size", "scheme"), [(WIDE, "light"), (NARROW, "dark")])
def test_our_pages_have_no_violation(
    owner: str, open_window: OpenWindow, path: str, size: tuple[int, int], scheme: str
) -> None:
    page = open_window(size, scheme).page
    log_in(page, owner)
    page.goto(f"{owner}/admin/{path}")
    found = Axe().run(page, "#content").response["violations"]
    assert [(rule["id"], [node["html"][:120] for node in rule["nodes"]][:3]) for rule in found] == []
    assert page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_the_page_says_what_it_brought(owner: str, open_window: OpenWindow) -> None:
    page = open_window().page
    log_in(page, owner)
    page.goto(f"{owner}/admin/owner/usagecount/")
    expect(page.locator(".desk-verdict")).to_contain_text("were opened")
    expect(page.locator(".desk-table")).to_contain_text("too few to tell")
    page.get_by_role("link", name="7 days").click()
    expect(page.locator('[aria-current="true"]')).to_have_text("7 days")


def test_in_russian(owner: str, open_window: OpenWindow) -> None:
    page = open_window(NARROW, locale="ru-RU").page
    log_in(page, owner)
    page.goto(f"{owner}/admin/owner/usagecount/")
    expect(page.locator("h1").last).to_have_text("Что это дало")


def test_an_item_is_hidden_and_shown_again(owner: str, open_window: OpenWindow) -> None:
    page = open_window(expected=("404",)).page
    log_in(page, owner)
    for action, status in (("hide", 404), ("show_again", 200)):
        page.goto(f"{owner}/admin/catalog/item/?q=110182")
        page.locator("input.action-select").first.check()
        page.select_option("select[name=action]", action)
        page.click("button[name=index]")
        expect(page.locator(".messagelist")).to_be_visible()
        response = page.goto(f"{owner}/items/110182/")
        assert response is not None
        assert response.status == status


@pytest.mark.parametrize("size", [WIDE, NARROW])
def test_what_is_shown_and_opened_is_counted(owner: str, open_window: OpenWindow, size: tuple[int, int]) -> None:
    page = open_window(size).page
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.post_data or "") if request.url.endswith("/usage/") else None)
    page.goto(f"{owner}/items/100255/")
    page.locator("[data-place=wall] [data-item]").first.scroll_into_view_if_needed()
    card = page.locator("[data-place=wall] [data-item] a").first
    item_id = page.locator("[data-place=wall] [data-item]").first.get_attribute("data-item")
    with page.expect_request(lambda request: request.url.endswith("/usage/")):
        pass
    card.click()
    page.wait_for_url(f"**/items/{item_id}/")
    assert any('"place":"wall"' in text and f'"{item_id}"' in text.partition('"opened"')[0] for text in sent)
    assert any(f'"opened":["{item_id}"]' in text for text in sent)
