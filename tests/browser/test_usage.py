"""What is shown and opened is counted by place, and nothing else is sent."""

import json
from typing import Any

from playwright.sync_api import Request

from tests.browser.conftest import OpenWindow


def messages(requests: list[Request]) -> list[dict[str, Any]]:
    return [json.loads(request.post_data or "") for request in requests]


def test_the_wall_counts_what_is_shown_and_opened(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    sent: list[Request] = []
    page.on("request", lambda request: sent.append(request) if request.url.endswith("/usage/") else None)
    page.goto(f"{site}/items/100255/")
    card = page.locator("[data-place=wall] .card").first
    wanted = card.get_attribute("data-item")
    with page.expect_request("**/usage/"):
        card.scroll_into_view_if_needed()
    with page.expect_request("**/usage/"):
        card.locator(".card-link").click(modifiers=["Control"])  # in another tab: this one stays
    walls = [message for message in messages(sent) if message["place"] == "wall"]
    assert {"place", "shown", "opened", "shop"} == set(walls[0])
    assert any(wanted in message["shown"] for message in walls)
    assert any(wanted in message["opened"] for message in walls)
