"""What a host's robots.txt asks of us."""

from dataclasses import dataclass
from typing import Final

from protego import Protego

from recommender import __version__

AGENT: Final = "visual-recommender"


@dataclass(frozen=True, slots=True)
class Robots:
    """Rules for our user agent; without a file everything is allowed. `crawl_delay` in seconds, fractions kept."""

    rules: Protego | None = None
    crawl_delay: float = 0.0

    def allows(self, url: str) -> bool:
        return self.rules is None or bool(self.rules.can_fetch(url, AGENT))


def parse_robots(text: str) -> Robots:
    """Read a robots.txt. What is not one (an HTML page, say) holds no rules and so allows everything."""
    rules = Protego.parse(text)
    return Robots(rules, float(rules.crawl_delay(AGENT) or 0.0))


def user_agent(contact: str) -> str:
    """How we name ourselves: product, version, and whom to write to, where the operator said so (SCRAPER_CONTACT)."""
    name = f"{AGENT}/{__version__}"
    return f"{name} (+{contact})" if contact else name
