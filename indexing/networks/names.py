"""The networks' names, for what must know them without loading one (the site's start)."""

from typing import Final

NETWORK_NAMES: Final = ("vgg16", "lite0", "compact")
FINDING_BOXES: Final = ("lite0",)  # those that look for prints and garments (`Network.parts`)
