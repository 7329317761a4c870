"""Pictures of every page for docs/screenshots: `python -m tests.browser.shoot http://127.0.0.1:8000 [--out FOLDER]`.

The site must be running with the demo catalogue and its index. Every page at 1280 and 390 pixels, light and dark.
"""

import argparse
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, expect, sync_playwright

from tests.browser.conftest import CHROMIUM, FLAGS, ROOT

SIZES: Final = {1280: 900, 390: 844}
SCHEMES: Final = ("light", "dark")
QUALITY: Final = 82
CAT, STRIPES, DOTS, FISH = "281356", "362353", "298346", "270910"


def item(page: Page, base: str) -> None:
    page.goto(f"{base}/items/{CAT}/")


def catalogue(page: Page, base: str) -> None:
    page.goto(f"{base}/items/")


def unknown(page: Page, base: str) -> None:
    page.goto(f"{base}/items/no-such-shirt/")


def widget(page: Page, base: str) -> None:
    page.goto(f"{base}/widget/demo/")


def taste(page: Page, base: str) -> None:
    page.goto(f"{base}/taste/?like={CAT},{DOTS}&dislike={STRIPES}")


def photo(page: Page, base: str) -> None:
    page.goto(f"{base}/search/photo/")
    page.locator("input[type=file]").first.set_input_files(ROOT / "data" / "demo" / f"{FISH}.jpg")
    expect(page.locator("[data-photo-status]")).to_have_text("Found what looks like it.", timeout=60_000)


def compare(page: Page, base: str) -> None:
    page.goto(f"{base}/items/{CAT}/")
    page.get_by_label("Show distances").check()
    page.get_by_role("link", name=re.compile("^Why similar")).first.click()
    expect(page.locator(".compare-photo")).to_have_count(2)


def on_map(page: Page, base: str) -> None:
    page.goto(f"{base}/map/")
    expect(page.locator("#map-stage")).to_have_attribute("data-state", "ready", timeout=60_000)


PAGES: Final[dict[str, Callable[[Page, str], None]]] = {
    "item": item,
    "catalogue": catalogue,
    "photo": photo,
    "taste": taste,
    "map": on_map,
    "compare": compare,
    "widget": widget,
    "unknown": unknown,
}


def shoot(base: str, out: Path) -> None:
    """Write <page>-<width>-<scheme>.jpg for every page, width and scheme into `out`."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        for width, height in SIZES.items():
            for scheme in SCHEMES:
                context = chromium.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
                # As on a second visit: without the line that says what one can do here.
                context.add_init_script("localStorage.setItem('doors', 'seen')")
                for name, visit in PAGES.items():
                    page = context.new_page()
                    visit(page, base)
                    page.wait_for_load_state("networkidle")
                    page.wait_for_timeout(400)  # fonts and fades
                    page.screenshot(path=out / f"{name}-{width}-{scheme}.jpg", type="jpeg", quality=QUALITY)
                    page.close()
                context.close()
        chromium.close()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("base", help="where the site answers")
    parser.add_argument("--out", type=Path, default=ROOT / "docs" / "screenshots")
    options = parser.parse_args()
    shoot(options.base.rstrip("/"), options.out)


if __name__ == "__main__":
    main()
