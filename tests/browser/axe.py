"""axe-core over a page as it stands: wide and narrow, light and dark."""

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Page

from tests.browser.conftest import NARROW, WIDE

# The only rules that ask for colours: the others find the same in both themes.
COLOURS = {"runOnly": ["color-contrast", "link-in-text-block"]}
# A theme's change is a transition; axe would measure a colour halfway.
STILL = "document.getAnimations().forEach((animation) => animation.cancel())"


RUN = """async ([without, options]) => {
  const found = await axe.run(without ? { exclude: [without] } : document, options);
  return found.violations.map((rule) => `${rule.id}: ${rule.nodes.slice(0, 4).map((node) => node.html.slice(0, 120))}`);
}"""


def violations(page: Page, without: str = "") -> list[str]:
    """What axe finds, one line each, and where the page is wider than its window. The page ends up narrow and dark.

    without: a selector of what is not ours.
    """
    found = []
    page.evaluate(AXE_FILE_PATH.read_text(encoding="utf-8"))
    for width, height in (WIDE, NARROW):
        page.set_viewport_size({"width": width, "height": height})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.evaluate(STILL)
            options = {"resultTypes": ["violations"], **(COLOURS if scheme == "dark" else {})}
            found += [f"{width} {scheme} {line}" for line in page.evaluate(RUN, [without, options])]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            found.append(f"{width}: wider than the window")
    return found
