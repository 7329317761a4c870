"""What the three measures are called on pages, and how each is explained in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from indexing.nearest.metrics import Metric


@dataclass(frozen=True, slots=True)
class MetricName:
    """A measure's name and a sentence on it."""

    name: Promise
    explanation: Promise


METRIC_NAMES: Final[Mapping[Metric, MetricName]] = {
    "cosine": MetricName(_("Cosine"), _("The same mix of features, however strong: shape and motif before contrast.")),
    "euclidean": MetricName(_("Euclidean"), _("The straight line: every feature about as strong as here.")),
    "manhattan": MetricName(_("Manhattan"), _("Block by block: many small differences count for more than one big one.")),
}
