"""What every page knows about the site: the index behind it, and whether its vectors mean anything."""

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.http import HttpRequest
from django.utils.dateparse import parse_datetime
from django.utils.formats import number_format
from django.utils.functional import Promise, SimpleLazyObject
from django.utils.translation import gettext_lazy as _

from catalog.index_store import Loaded, get_loaded
from indexing.errors import IndexFileError

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

    @property
    def count_text(self) -> str:
        return number_format(self.count, use_l10n=True, force_grouping=True)


@dataclass(frozen=True, slots=True)
class Site:
    """`site` in templates. `notice` stands at the top of every page."""

    index: IndexSummary | None = None
    notice: Promise | str = ""


def site(_request: HttpRequest) -> dict[str, Any]:
    """Context processor: `site`, worked out only where a template asks for it."""
    return {"site": SimpleLazyObject(read_site)}


def read_site() -> Site:
    """The site as it is now."""
    try:
        loaded = get_loaded()
    except IndexFileError:
        return Site()
    summary = summarise(loaded)
    notice = "" if summary.trained else _("The vectors come from an untrained network: neighbours share textures by chance.")
    return Site(summary, notice)


@lru_cache(maxsize=2)
def _summarise(_version: str, network: str, weights: str, made: str, count: int) -> IndexSummary:
    moment = parse_datetime(made) if made else None
    if weights == "random":
        label, advice = _("VGG-16, untrained") if network == "vgg16" else _("untrained network"), _("Trained vectors:")
        return IndexSummary(count, label, moment, trained=False, advice=advice, command=BUILD_VGG16)
    if network == "compact":
        advice = _("It needs no download. VGG-16 sees more:")
        return IndexSummary(count, _("compact network (bundled)"), moment, trained=True, advice=advice, command=BUILD_VGG16)
    if network != "vgg16":
        return IndexSummary(count, _("unknown network (the article's file)"), moment, trained=True)
    label = _("VGG-16, ImageNet weights") if weights == "imagenet" else _("VGG-16, weights from a file")
    return IndexSummary(count, label, moment, trained=True)


def summarise(loaded: Loaded) -> IndexSummary:
    """The footer's facts of a loaded index."""
    manifest = loaded.index.manifest
    weights = manifest.get("weights", "")
    label = weights.get("label", "") if isinstance(weights, dict) else str(weights)
    made = str(manifest.get("created", ""))
    return _summarise(loaded.version, str(manifest.get("network", "vgg16")), label, made, len(loaded.index))
