"""From the command's arguments to the options of an import, with a name for the list."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from django.conf import settings
from django.utils import timezone

from scraping.errors import FeedError, ProfileError
from scraping.feeds.products import ReadOptions
from scraping.feeds.run import ImportOptions
from scraping.fetching.robots import user_agent
from scraping.storefronts.prices.currencies import currency_of
from scraping.storefronts.profiles import check_url

_EXPLAINED = 3  # products shown with an explanation
_SAME = ("format", "charset", "folder", "pictures", "private_host", "workers", "max_bytes", "refresh", "allow_delisting")


def import_options(arguments: Mapping[str, Any]) -> ImportOptions:
    """The options of an import. Raises FeedError for arguments that do not go together."""
    source, folder = arguments["source"], arguments["folder"]
    if bool(source) == (folder is not None):
        raise FeedError("Give a feed's FILE or URL, or a folder of pictures with --images DIR.")
    shop_url = arguments["shop_url"]
    try:
        for name, url in (("URL", source if "://" in source else ""), ("--shop-url", shop_url)):
            if url:
                check_url(url, name)
    except ProfileError as error:
        raise FeedError(str(error)) from None
    currency = arguments["currency"].upper()
    if currency and currency_of(currency) != currency:
        raise FeedError(f"--currency is {arguments['currency']!r}: write it as ISO 4217, three letters such as EUR.")
    read = ReadOptions(
        now=timezone.now(),
        currency=currency,
        shop_url=shop_url,
        base_url=shop_url or (source if "://" in source else ""),
        id_prefix=arguments["id_prefix"],
        category=arguments["category"],
    )
    return ImportOptions(
        name=list_name(source, folder, shop_url, arguments["name"]),
        images=settings.IMAGES_DIR,
        read=read,
        user_agent=user_agent(settings.SCRAPER_CONTACT),
        source=source,
        chosen=_chosen(arguments["column"]),
        separator=arguments["separator"].replace("\\t", "\t"),
        delay=settings.SCRAPER_DELAY if arguments["delay"] is None else arguments["delay"],
        dry_run=arguments["dry_run"] or arguments["explain"],
        explain=arguments["explain"],
        limit=arguments["limit"] or (_EXPLAINED if arguments["explain"] else None),
        **{name: arguments[name] for name in _SAME},
    )


def list_name(source: str, folder: Path | None, shop_url: str, name: str) -> str:
    """What rows keep as their source: the feed's address, or `import:` and the name of the list.

    With the shop's address in front, so that a scraped product of the same shop is the same product.
    """
    if not name and "://" in source:
        return urlunsplit(urlsplit(source)._replace(fragment=""))
    known_as = f"import:{name or (Path(source).name if source else (folder or Path()).resolve().name)}"
    return f"{shop_url.partition('#')[0]}#{known_as}" if shop_url else known_as


def _chosen(pairs: list[str]) -> dict[str, str]:
    chosen = {}
    for pair in pairs:
        field, found, name = pair.partition("=")
        if not found or not name:
            raise FeedError(f"--column {pair!r}: write it as FIELD=NAME, such as title=Product.")
        chosen[field] = name
    return chosen
