"""What a host's robots.txt asks of us, read by RFC 9309."""

import math
from dataclasses import dataclass
from typing import Final

from protego import Protego

from recommender import __version__

AGENT: Final = "visual-recommender"
ROBOTS_BYTES: Final = 500 * 1024  # RFC 9309, 2.5: what a crawler must read of it; the rest is left
LONGEST_CRAWL_DELAY: Final = 120.0  # seconds; a shop that asks for more asks in effect not to be read


@dataclass(frozen=True, slots=True)
class Robots:
    """Rules for our user agent; without a file everything is allowed. `crawl_delay` in seconds, fractions kept."""

    rules: Protego | None = None
    crawl_delay: float = 0.0

    def allows(self, url: str) -> bool:
        """Whether we may ask for `url`; an address that the rules cannot be held against may not be asked for."""
        try:
            return self.rules is None or bool(self.rules.can_fetch(url, AGENT))
        except ValueError:
            return False


def parse_robots(body: bytes) -> Robots:
    """Read a robots.txt, UTF-8 with or without a byte order mark; of a long one the first 500 KiB, without the half line there.

    What is no robots.txt (an HTML page, say) holds no rules and so allows everything.
    """
    if len(body) >= ROBOTS_BYTES:
        body = body[:ROBOTS_BYTES].rpartition(b"\n")[0]
    text = body.decode("utf-8-sig", "replace")
    try:
        rules = Protego.parse(text)
    except ValueError:
        rules = Protego.parse("\n".join(line for line in text.splitlines() if _is_readable(line)))
    delay = float(rules.crawl_delay(AGENT) or 0.0)
    return Robots(rules, 0.0 if math.isnan(delay) else max(0.0, delay))


def user_agent(contact: str) -> str:
    """How we name ourselves: product, version, and whom to write to, where the operator said so (SCRAPER_CONTACT)."""
    name = f"{AGENT}/{__version__}"
    return f"{name} (+{contact})" if contact else name


def _is_readable(line: str) -> bool:
    try:
        Protego.parse(f"User-agent: *\n{line}")
    except ValueError:
        return False
    return True
