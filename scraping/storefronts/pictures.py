"""Which of a picture's addresses to take. Shops load lazily, so `src` is often a blank and the truth stands elsewhere."""

import re
from collections.abc import Collection, Iterator
from typing import Final
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup, Tag

from scraping.storefronts.dom import parents_within, words_of
from scraping.storefronts.urls import absolute

WANTED_WIDTH: Final = 600  # pixels; the network sees 224, the site shows up to 640
_SET_ATTRIBUTES: Final = ("data-srcset", "data-lazy-srcset", "data-bgset", "srcset")
_LAZY_ATTRIBUTES: Final = (
    "data-src", "data-lazy-src", "data-original", "data-lazy", "data-image", "data-mainimage", "data-full-size-image-url",
    "data-bg", "data-background", "data-background-image", "data-echo", "data-ll-src", "lazy-src",
)  # fmt: skip
_BLANK: Final = re.compile(
    r"(?:blank|place-?holder|spacer|loading|loader|preloader|transparent|pixel|grey|gray|lazy|lazyload|empty|dummy|clear|trans|"
    r"no-?(?:image|img|photo|picture|pic|foto)|image-?(?:not-?available|coming-?soon)|coming-?soon|1x1)"
    r"(?:-?(?:\d+(?:x\d+)?|small|medium|large|thumb|bg|default|image|img|product|gif|png))*"
)
_MARK: Final = re.compile(r"place_?-?holder|no[-_]?image|noimg|no[-_]?photo|image[-_]not[-_]available", re.IGNORECASE)
_BACKGROUND: Final = re.compile(r"background(?:-image)?\s*:[^;]*url\(\s*['\"]?([^'\")]+)", re.IGNORECASE)
_WIDTH_TEMPLATE: Final = re.compile(r"\{width\}|%7bwidth%7d|\{w\}", re.IGNORECASE)
_PICTURE_VALUE: Final = re.compile(r"^[^\s<>{}\[\]\"]+\.(?:jpe?g|png|webp|avif|gif)(?:[?#][^\s<>{}\[\]\"]*)?$", re.IGNORECASE)
_NOT_PICTURES: Final = frozenset(
    {"script", "style", "iframe", "video", "audio", "source", "link", "meta", "input", "a", "template"}
)
_SET_LONGEST: Final = 20_000  # characters of a srcset that are read
_SMALL_SIDE: Final = 40  # pixels; pictures stated smaller are icons
_DECORATION: Final = frozenset(
    [
        "badge",
        "badges",
        "label",
        "labels",
        "sticker",
        "stickers",
        "swatch",
        "swatches",
        "icon",
        "icons",
        "flag",
        "sold",
        "soldout",
        "rating",
        "ratings",
        "star",
        "stars",
        "logo",
        "avatar",
        "payment",
        "ribbon",
        "signing",
    ]
)


def split_srcset(text: str) -> list[tuple[str, str]]:
    """Split a srcset into (URL, descriptor), descriptors such as "250w", "2x" or "". Commas inside URLs stay."""
    found = []
    rest = text[:_SET_LONGEST].strip()
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
    """The narrowest picture that is at least WANTED_WIDTH wide, else the widest; "2x" counts as twice `base_width`."""
    sized = [(_width(descriptor, base_width), url) for url, descriptor in split_srcset(text) if not is_placeholder(url)]
    if not sized:
        return None
    enough = [pair for pair in sized if pair[0] >= WANTED_WIDTH]
    return min(enough, key=lambda pair: pair[0])[1] if enough else max(sized, key=lambda pair: pair[0])[1]


def is_placeholder(url: str) -> bool:
    """Whether an address stands for "not loaded yet": data:, drawings (.svg), blank.gif and its like; never grey-shirt.jpg."""
    url = url.strip()
    if not url or url.startswith(("data:", "about:", "javascript:", "blob:")):
        return True
    try:
        name = unquote(urlsplit(url).path.rsplit("/", 1)[-1])
    except ValueError:
        return False
    stem, _, suffix = name.lower().rpartition(".")
    if suffix == "svg" or _MARK.search(name):
        return True
    return _BLANK.fullmatch(re.sub(r"[-_. ]+", "-", stem or suffix)) is not None


def picture_url(element: Tag, base_url: str, shared: Collection[str] = ()) -> str | None:
    """The address of the picture that `element` shows (or is), absolute, http or https; None if there is none.

    shared: addresses that stand on several cards, such as a badge's: taken only where there is no other.
    """
    addresses = list(picture_urls(element, base_url))
    return next((address for address in addresses if address not in shared), addresses[0] if addresses else None)


def picture_urls(element: Tag, base_url: str) -> Iterator[str]:
    """The addresses of the pictures in `element`, one for each, those of the product before badges, swatches and icons."""
    images = [image for image in (element, *element.find_all(True)) if holds_picture(image)]
    for image in sorted(images, key=lambda image: _is_decoration(image, element)):
        for candidate in _candidates(image):
            address = None if is_placeholder(candidate) else absolute(candidate, base_url)
            if address:
                yield address
                break


def holds_picture(element: Tag) -> bool:
    """Whether an element itself shows a picture: an image, or a box with one as its background."""
    if element.name in {"img", "amp-img", "image"}:
        return True
    if element.name == "picture":
        return element.find("img") is None
    if element.name in _NOT_PICTURES:
        return _BACKGROUND.search(str(element.get("style") or "")) is not None if element.name == "a" else False
    if element.name == "noscript":
        return not element.find(True) and "<img" in element.get_text()
    return (
        _BACKGROUND.search(str(element.get("style") or "")) is not None
        or element.has_attr("data-bgset")
        or any(element.has_attr(name) and _looks_like_picture(str(element[name])) for name in ("data-src", "data-bg"))
    )


def _candidates(image: Tag) -> Iterator[str]:
    """What may be the picture's address, the best first."""
    if image.name == "noscript":
        for hidden in BeautifulSoup(image.get_text(), "lxml").find_all("img"):
            yield from _of_attributes(hidden)
        return
    yield from _of_attributes(image)
    picture = image if image.name == "picture" else image.find_parent("picture")
    # Last, as <img> inside <picture> is the shop's own fallback, most often a JPEG.
    for source in picture.find_all("source") if picture else ():
        yield from _of_attributes(source)
    background = _BACKGROUND.search(str(image.get("style") or ""))
    if background:
        yield background.group(1).strip()
    for name, value in image.attrs.items():
        if name.startswith("data-") and isinstance(value, str) and _looks_like_picture(value):
            yield value


def _of_attributes(image: Tag) -> Iterator[str]:
    width = re.match(r"\d{1,5}", str(image.get("width") or ""))
    for name in _SET_ATTRIBUTES:
        chosen = choose_from_srcset(str(image.get(name) or ""), int(width.group()) if width else WANTED_WIDTH // 2)
        if chosen:
            yield _filled(chosen, image)
    for name in (*_LAZY_ATTRIBUTES, "src"):
        value = str(image.get(name) or "").strip()
        if value and not value.startswith(("{", "[")):
            yield _filled(value, image)


def _filled(address: str, image: Tag) -> str:
    """`address` with a `{width}` in it filled in: the narrowest width on offer that is wide enough."""
    if not _WIDTH_TEMPLATE.search(address):
        return address
    offered = sorted(int(number) for number in re.findall(r"\d{2,4}", str(image.get("data-widths") or "")))
    enough = [width for width in offered if width >= WANTED_WIDTH]
    width = enough[0] if enough else offered[-1] if offered else WANTED_WIDTH
    return _WIDTH_TEMPLATE.sub(str(width), address)


def _is_decoration(image: Tag, card: Tag) -> bool:
    """Whether a picture is a badge, a swatch or an icon: named so, or stated to be tiny."""
    for side in ("width", "height"):
        stated = re.fullmatch(r"\s*(\d{1,4})(?:px)?\s*", str(image.get(side) or ""))
        if stated and 1 < int(stated.group(1)) <= _SMALL_SIDE:
            return True
    return any(_DECORATION & words_of(around) for around in parents_within(image, card))


def _looks_like_picture(value: str) -> bool:
    return _PICTURE_VALUE.match(value.strip()) is not None


def _width(descriptor: str, base_width: int) -> float:
    match = re.match(r"(\d{1,6}(?:\.\d{1,3})?)([wx])", descriptor)
    if match is None:
        return float(base_width)
    return float(match.group(1)) * (base_width if match.group(2) == "x" else 1)
