"""Which of a picture's addresses to take. Shops load lazily, so `src` is often a blank and the truth stands elsewhere."""

import re
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup, Tag

WANTED_WIDTH: Final = 250  # pixels; the width of the product's previews
_SET_ATTRIBUTES: Final = ("data-srcset", "data-lazy-srcset", "srcset")
_PLAIN_ATTRIBUTES: Final = ("data-src", "data-lazy-src", "data-original", "data-lazy", "data-image", "data-bg", "src")
_BLANK: Final = re.compile(
    r"(?:^|[/_.-])(?:blank|placeholder|spacer|loading|loader|transparent|pixel|1x1|grey|gray)(?:[/_.-]|$)", re.I
)
_BACKGROUND: Final = re.compile(r"background(?:-image)?\s*:[^;]*url\(\s*['\"]?([^'\")]+)", re.I)


def split_srcset(text: str) -> list[tuple[str, str]]:
    """Split a srcset into (URL, descriptor), descriptors such as "250w", "2x" or "". Commas inside URLs stay."""
    found = []
    rest = text.strip()
    while rest:
        parts = rest.split(None, 1)
        url, rest = parts[0], parts[1] if len(parts) > 1 else ""
        if url.endswith(","):
            found.append((url.rstrip(","), ""))
            continue
        descriptor, _, rest = rest.partition(",")
        found.append((url, descriptor.strip()))
        rest = rest.strip()
    return [(url.lstrip(","), descriptor) for url, descriptor in found if url.strip(",")]


def choose_from_srcset(text: str, base_width: int = WANTED_WIDTH) -> str | None:
    """The narrowest picture that is at least 250 pixels wide, else the widest; "2x" counts as twice `base_width`."""
    sized = [(_width(descriptor, base_width), url) for url, descriptor in split_srcset(text) if not is_placeholder(url)]
    if not sized:
        return None
    enough = [pair for pair in sized if pair[0] >= WANTED_WIDTH]
    return min(enough, key=lambda pair: pair[0])[1] if enough else max(sized, key=lambda pair: pair[0])[1]


def is_placeholder(url: str) -> bool:
    """Whether a picture's address stands for "not loaded yet": data:, drawings (.svg), blank.gif and its like."""
    url = url.strip()
    if not url or url.startswith(("data:", "about:", "javascript:", "blob:")):
        return True
    name = urlsplit(url).path.rsplit("/", 1)[-1]
    return name.lower().endswith(".svg") or _BLANK.search(name) is not None


def picture_url(element: Tag, base_url: str) -> str | None:
    """The address of the first real picture in `element` (or of `element` itself), absolute, http or https; None if none."""
    for candidate in _candidates(element):
        if not is_placeholder(candidate):
            address = urljoin(base_url, candidate.strip())
            if address.startswith(("http://", "https://")):
                return address
    return None


def _candidates(element: Tag) -> Iterator[str]:
    images = [element] if element.name == "img" else element.find_all("img")
    for image in images:
        yield from _of_attributes(image)
    sources = [image.find_parent("picture") for image in images] + element.find_all("picture")
    for picture in sources:
        # Last, as <img> inside <picture> is the shop's own fallback, most often a JPEG.
        for source in picture.find_all("source") if picture else ():
            yield from _of_attributes(source)
    for hidden in element.find_all("noscript"):
        for image in BeautifulSoup(hidden.decode_contents(formatter=None), "lxml").find_all("img"):
            yield from _of_attributes(image)
    for styled in [element, *element.find_all(True)]:
        if styled.name not in {"img", "source"}:
            yield str(styled.get("data-bg") or "")
            background = _BACKGROUND.search(str(styled.get("style") or ""))
            if background:
                yield background.group(1)


def _of_attributes(image: Tag) -> Iterator[str]:
    width = re.match(r"\d+", str(image.get("width") or ""))
    for name in _SET_ATTRIBUTES:
        chosen = choose_from_srcset(str(image.get(name) or ""), int(width.group()) if width else WANTED_WIDTH)
        if chosen:
            yield chosen
    for name in _PLAIN_ATTRIBUTES:
        yield str(image.get(name) or "")


def _width(descriptor: str, base_width: int) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([wx])", descriptor)
    if match is None:
        return float(base_width)
    return float(match.group(1)) * (base_width if match.group(2) == "x" else 1)
