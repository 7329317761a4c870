"""What every page knows of the site (the index behind it, whether its vectors mean anything) and of its visitor."""

from dataclasses import dataclass, replace
from typing import Any, Final

from django.conf import settings
from django.db import DatabaseError, InterfaceError
from django.http import HttpRequest
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from catalog.browse.facets import read_facets
from catalog.index_store import PerIndex, get_loaded
from catalog.taste.session import read_taste
from indexing.errors import IndexFileError
from indexing.index.record import Index


@dataclass(frozen=True, slots=True)
class Site:
    """`site` in templates. count: items on sale, 0 without an index; notice: what stands at the top of every page;
    words: whether it can be searched by words."""

    count: int = 0
    notice: Promise | str = ""
    words: bool = False


def site(_request: HttpRequest) -> dict[str, Any]:
    """Context processor: `site`, worked out only where a template asks for it."""
    return {"site": SimpleLazyObject(read_site)}


def visitor(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the URL's name, the address to come back to, which items were liked and disliked,
    whether what is shown is counted."""
    match, taste = request.resolver_match, read_taste(request)
    return {
        "url_name": match.url_name if match else "",
        "full_path": request.get_full_path(),
        "liked_ids": frozenset(taste.liked),
        "disliked_ids": frozenset(taste.disliked),
        "counts_usage": settings.USAGE_COUNTS,
    }


def read_site() -> Site:
    """The site as it is now. It counts as the catalogue's page does; pictures without a catalogue count, too."""
    try:
        described = _site_of(get_loaded())
    except IndexFileError:
        return _NO_INDEX
    try:
        on_sale = read_facets().total
    except (DatabaseError, InterfaceError):  # an error's page is shown all the same
        on_sale = 0
    return replace(described, count=on_sale or described.count)


def _describe(index: Index) -> Site:
    """Untrained vectors (`--weights random`) mean nothing: people are told."""
    weights = index.manifest.get("weights", "")
    label = weights.get("label", "") if isinstance(weights, dict) else str(weights)
    notice = _("The vectors come from an untrained network: neighbours share textures by chance.") if label == "random" else ""
    return Site(len(index), notice, bool(index.manifest.get("words")))


_NO_INDEX: Final = Site()
_site_of: Final = PerIndex(_describe)
