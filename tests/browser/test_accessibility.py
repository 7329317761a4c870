"""axe-core finds no violation, wide and narrow, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser.conftest import NARROW, WIDE, OpenWindow

LOOKS = [(size, scheme) for size in (WIDE, NARROW) for scheme in ("light", "dark")]
MAIN_PAGES = ["/items/100255/", "/items/"]
OTHER_PAGES = ["/items/?q=nothing-like-it", "/items/zzz/", "/nowhere", "/widget/demo/"]
# Every look of the two main pages; the others are made of the same parts.
CASES = [(path, *look) for path in MAIN_PAGES for look in LOOKS] + [
    (path, *LOOKS[3 * (n % 2)]) for n, path in enumerate(OTHER_PAGES)
]


@pytest.mark.parametrize(("path", "size", "scheme"), CASES)
def test_no_violation(site: str, open_window: OpenWindow, path: str, size: tuple[int, int], scheme: str) -> None:
    page = open_window(size, scheme, expected=("404",)).page
    page.goto(f"{site}{path}")
    found = Axe().run(page).response["violations"]
    assert [(rule["id"], [node["target"] for node in rule["nodes"]][:4]) for rule in found] == []


def test_the_open_help_has_no_violation(site: str, open_window: OpenWindow) -> None:
    page = open_window().page
    page.goto(f"{site}/items/100255/")
    page.keyboard.press("?")
    found = Axe().run(page).response["violations"]
    assert [rule["id"] for rule in found] == []
