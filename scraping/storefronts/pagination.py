"""Where a category goes on."""

import re
from collections.abc import Collection, Iterator
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from bs4 import BeautifulSoup, Tag

from scraping.storefronts.dom import classes_of, text_of
from scraping.storefronts.profiles import Selector
from scraping.storefronts.urls import absolute

_WORD: Final = re.compile(
    r"^[\s›»→>]*(?:(?:next(?: page)?|load more|show more|more|weiter|nächste(?: seite)?|suivante?|page suivante|"
    r"siguiente(?: página)?|"
    r"successiv[ao]|avanti|volgende(?: pagina)?|następna(?: strona)?|další|ďalšia|próxima|seguinte|nästa|neste|"
    r"næste|seuraava|következő|"
    r"далее|дальше|следующая(?: страница)?|вперёд|вперед|показать ещё|наступна|下一页|下一頁|次へ|"
    r"다음)\s*(?:\(current\))?\s*[›»→>]*|[›»→>]{1,2})$",
    re.IGNORECASE,
)
_NEXT_CLASS: Final = re.compile(r"(?:^|[-_])next(?:[-_]|$)|nextpage|pagerNext|load-?more|show-?more", re.IGNORECASE)
_PAGER: Final = re.compile(
    r"pag(?:e|er|es|ing|ination|inate|inator)?(?:[-_]|\d|$)|(?:^|[-_])pages?(?:[-_]|$)|toolbar", re.IGNORECASE
)
_PAGE_KEYS: Final = (
    "page",
    "p",
    "pg",
    "paged",
    "pagenumber",
    "page_no",
    "pageno",
    "currentpage",
    "pagen_1",
    "cpage",
    "seite",
    "product-page",
)
_PAGE_IN_PATH: Final = re.compile(
    r"/(?:page|seite|p|strana|pagina)[/-]?(\d{1,5})/?$|-page-(\d{1,5})(?:\.html?)?$|/page-(\d{1,5})(?:\.html?)?$", re.I
)
_LINKS: Final = ("href", "data-href", "data-url", "data-next-url", "data-next")
_NUMBER: Final = re.compile(r"(?:page|seite|página|страница)?\s*(\d{1,5})", re.IGNORECASE)


def next_url(
    soup: BeautifulSoup, base_url: str, page_url: str = "", *, cards: Collection[Tag] = (), selector: Selector | None = None
) -> str | None:
    """The following page's address, None at the end.

    A profile's selector wins; then `rel=next`, the link numbered one more than this page, a word or an arrow that leads one
    page on, and a form or a button that plainly names the address. Links inside `cards` never count. `base_url` is what links
    are relative to, `page_url` the page itself (the same where it is not given).
    """
    page_url = page_url or base_url
    if selector is not None:
        found = soup.select_one(selector.css) if selector.css else None
        return absolute(str(found.get(selector.attribute or "href") or ""), base_url) if found else None
    inside = {id(card) for card in cards}
    here = page_number(page_url)
    controls = [tag for tag in soup.find_all(["a", "link", "button", "div", "span", "li"]) if _may_lead(tag)]
    controls = [tag for tag in controls if not _is_within(tag, inside) and not _is_off(tag)]
    leads = [(tag, address) for tag in controls for address in [_address(tag, base_url)] if address and address != page_url]
    marked = _marked_number(soup, inside, leads)
    here = here or marked or 1
    for tag, address in leads:
        if "next" in _rel(tag) and address.split("#")[0] != page_url and (page_number(address) or here + 1) > here - 1:
            return address
    numbered = _numbered(leads, page_url, here, marked or here)
    if numbered:
        return numbered
    for tag, address in leads:
        if tag.name != "link" and _says_next(tag) and _leads_on(tag, address, page_url, here):
            return address
    return _of_form(soup, base_url, here)


def page_number(url: str) -> int | None:
    """The page number that a URL carries in its query or path, None when it carries none."""
    try:
        parts = urlsplit(url)
        query = {key.lower(): values[0] for key, values in parse_qs(parts.query, max_num_fields=200).items()}
    except ValueError:
        return None
    for key in _PAGE_KEYS:
        if re.fullmatch(r"\d{1,6}", query.get(key, "")):
            return int(query[key])
    in_path = _PAGE_IN_PATH.search(parts.path)
    return int(next(number for number in in_path.groups() if number)) if in_path else None


def _may_lead(tag: Tag) -> bool:
    if tag.name in {"a", "link"}:
        return tag.name == "a" or "next" in _rel(tag)
    return any(tag.has_attr(name) for name in _LINKS[1:])


def _address(tag: Tag, base_url: str) -> str | None:
    return next(
        (address for name in _LINKS if tag.get(name) for address in [absolute(str(tag[name]), base_url)] if address), None
    )


def _rel(tag: Tag) -> list[str]:
    return [str(name).lower() for name in tag.get_attribute_list("rel", []) or [] if name]


def _says_next(tag: Tag) -> bool:
    named = [
        *classes_of(tag),
        *(classes_of(tag.parent) if tag.parent is not None and tag.parent.name in {"li", "span", "div"} else []),
    ]
    text = text_of(tag)
    if any(_NEXT_CLASS.search(name) for name in named) and len(text) < 40:
        return True
    for told in (text, str(tag.get("aria-label") or ""), str(tag.get("title") or "")):
        if told and len(told) < 30 and _WORD.match(told.strip()):
            return True
    return False


def _leads_on(tag: Tag, address: str, page_url: str, here: int) -> bool:
    """Whether a link that calls itself the next is: one page on by number, or without a number inside the pager."""
    number = page_number(address)
    if number is not None:
        return number == here + 1
    if urlsplit(address).hostname != urlsplit(page_url).hostname:
        return False
    same_path = urlsplit(address).path.rstrip("/") == urlsplit(page_url).path.rstrip("/")
    return (same_path and urlsplit(address).query != urlsplit(page_url).query) or _in_pager(tag)


def _in_pager(tag: Tag) -> bool:
    around = [tag, *tag.parents]
    named = (
        name
        for part in around[:5]
        for name in (*classes_of(part), str(part.get("aria-label") or ""), str(part.get("id") or ""))
    )
    return any(_PAGER.search(name) or _NEXT_CLASS.search(name) for name in named)


def _is_off(tag: Tag) -> bool:
    parent = tag.parent if tag.parent is not None and tag.parent.name == "li" else tag
    return tag.get("aria-disabled") == "true" or any("disabled" in classes_of(part) for part in (tag, parent))


def _is_within(tag: Tag, cards: Collection[int]) -> bool:
    return bool(cards) and any(id(part) in cards for part in (tag, *tag.parents))


def _marked_number(soup: BeautifulSoup, inside: Collection[int], leads: list[tuple[Tag, str]]) -> int | None:
    """The number of this page as its pager marks it: one that a page beside it is linked for, unlike "15 a page"."""
    linked = {page_number(address) for _, address in leads}
    for tag in soup.select("[aria-current], .active, .current, .selected, .is-current, .is-active", limit=200):
        number = _NUMBER.fullmatch(text_of(tag)[:20].strip())
        if number and not _is_within(tag, inside) and _in_pager(tag):
            here = int(number.group(1))
            if {here - 1, here + 1} & linked:
                return here
    return None


def _numbered(leads: list[tuple[Tag, str]], page_url: str, here: int, marked: int) -> str | None:
    """The link to the page after this one, by the number in its address, else by the number it shows inside the pager.

    The two differ where a shop counts its addresses from 0.
    """
    path = _bare_path(page_url)
    links = [(tag, address, _shown_number(tag)) for tag, address in leads if tag.name != "link"]
    for _, address, shown in links:
        if page_number(address) == here + 1 and _bare_path(address) == path and shown in {None, here + 1, marked + 1}:
            return address
    for tag, address, shown in links:
        if shown == marked + 1 and page_number(address) in {None, here, here + 1} and _in_pager(tag):
            return address
    return None


def _shown_number(tag: Tag) -> int | None:
    match = _NUMBER.fullmatch(text_of(tag)[:20])
    return int(match.group(1)) if match else None


def _bare_path(url: str) -> str:
    return _PAGE_IN_PATH.sub("", urlsplit(url).path).rstrip("/")


def _of_form(soup: BeautifulSoup, base_url: str, here: int) -> str | None:
    """A form whose button says "next" and that is sent by GET: its address with its hidden fields and the button's own."""
    for form in soup.find_all("form", limit=50):
        if str(form.get("method") or "get").lower() != "get":
            continue
        for button in form.find_all(["button", "input"]):
            if not any(_WORD.match(told.strip()) for told in _told_by(button) if told.strip()):
                continue
            fields = [*_fields(form), (str(button.get("name") or ""), str(button.get("value") or ""))]
            target = absolute(str(form.get("action") or "") or base_url, base_url)
            if target:
                query = urlencode([(name, value) for name, value in fields if name])
                address = f"{target.partition('?')[0]}?{query}"
                if page_number(address) == here + 1:
                    return address
    return None


def _told_by(button: Tag) -> Iterator[str]:
    yield text_of(button)[:30]
    for name in ("aria-label", "title", *(("value",) if button.get("type") == "submit" else ())):
        yield str(button.get(name) or "")[:30]


def _fields(form: Tag) -> Iterator[tuple[str, str]]:
    for field in form.find_all("input", attrs={"type": "hidden"}):
        yield str(field.get("name") or ""), str(field.get("value") or "")
