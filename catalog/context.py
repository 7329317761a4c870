"""What every page knows of the site (the index behind it, whether its vectors mean anything) and of its visitor."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from catalog.index_store import get_loaded
from catalog.per_index import PerIndex
from catalog.taste.session import read_taste
from indexing.errors import IndexFileError
from indexing.index.record import Index

BUILD_VGG16 = "python manage.py build_index --network vgg16 --weights imagenet"


@dataclass(frozen=True, slots=True)
class IndexSummary:
    """The footer's facts. `advice` and `command`: how to get better vectors, where there is a way."""

    count: int
    network: Promise | str
    made: datetime | None
    trained: bool
    advice: Promise | str = ""
    command: str = ""


@dataclass(frozen=True, slots=True)
class Site:
    """`site` in templates. `notice` stands at the top of every page."""

    index: IndexSummary | None = None
    notice: Promise | str = ""


def site(_request: HttpRequest) -> dict[str, Any]:
    """Context processor: `site`, worked out only where a template asks for it."""
    return {"site": SimpleLazyObject(read_site)}


def visitor(request: HttpRequest) -> dict[str, Any]:
    """Context processor: the URL's name, the address to come back to, which items were liked and disliked, how many."""
    match, taste = request.resolver_match, read_taste(request)
    return {
        "url_name": match.url_name if match else "",
        "full_path": request.get_full_path(),
        "liked_ids": frozenset(taste.liked),
        "disliked_ids": frozenset(taste.disliked),
        "taste_count": len(taste),
    }


def read_site() -> Site:
    """The site as it is now; the same object until the index changes."""
    try:
        return _site_of(get_loaded())
    except IndexFileError:
        return _NO_INDEX


def _describe(index: Index) -> Site:
    summary = summarise(index)
    notice = "" if summary.trained else _("The vectors come from an untrained network: neighbours share textures by chance.")
    return Site(summary, notice)


_NO_INDEX: Final = Site()
_site_of: Final = PerIndex(_describe)


def summarise(index: Index) -> IndexSummary:
    """The footer's facts of an index."""
    manifest = index.manifest
    network, weights = str(manifest.get("network", "vgg16")), manifest.get("weights", "")
    label = weights.get("label", "") if isinstance(weights, dict) else str(weights)
    made = str(manifest.get("created", ""))
    return _summary(network, label, parse_datetime(made) if made else None, len(index))


def _summary(network: str, weights: str, made: datetime | None, count: int) -> IndexSummary:
    if weights == "random":
        label, advice = _("VGG-16, untrained") if network == "vgg16" else _("untrained network"), _("Trained vectors:")
        return IndexSummary(count, label, made, trained=False, advice=advice, command=BUILD_VGG16)
    if network == "compact":
        advice = _("It needs no download. VGG-16 sees more:")
        return IndexSummary(count, _("compact network (bundled)"), made, trained=True, advice=advice, command=BUILD_VGG16)
    if network != "vgg16":
        return IndexSummary(count, _("unknown network (the article's file)"), made, trained=True)
    label = _("VGG-16, ImageNet weights") if weights == "imagenet" else _("VGG-16, weights from a file")
    return IndexSummary(count, label, made, trained=True)
