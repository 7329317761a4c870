"""Keeping what commands did, for the owner's desk."""

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from django.db import DatabaseError

from catalog.owner.models import NETWORK, Change, Run
from indexing.errors import IndexFileError
from indexing.index.file import load_index
from recommender.database import renew_connection
from recommender.runs import RunRecord

logger = logging.getLogger(__name__)

KEPT: Final = 500
FAILURES_KEPT: Final = 300


def record_run(sender: object, run: RunRecord, **_kwargs: Any) -> None:
    """Receiver of `recommender.runs.run_ended`: keep the run as a row, and the last 500 of them."""
    renew_connection()  # one that failed the run must not fail its record
    try:
        Run.objects.create(
            command=run.command,
            source=run.source[:2000],
            started_at=run.started_at,
            seconds=round(run.seconds, 1),
            outcome=run.outcome,
            counts=run.counts,
            failures=[list(failure) for failure in run.failures[:FAILURES_KEPT]],
            message=run.message[:4000],
        )
        oldest = Run.objects.order_by("-started_at").values_list("pk", flat=True)[KEPT:]
        Run.objects.filter(pk__in=list(oldest)).delete()
    except DatabaseError as error:  # the command did its work: a list of runs is no reason to fail it
        logger.warning("This run is not listed at the owner's desk (%s).", str(error).strip())


def record_network_change(sender: object, path: Path, **_kwargs: Any) -> None:
    """Receiver of `indexing.signals.index_built`: note the day on which another network came into force."""
    try:
        manifest = load_index(path).manifest
    except IndexFileError:
        return
    text = f"{NETWORK}{network_name(manifest)}"
    try:
        last = Change.objects.filter(text__startswith=NETWORK).first()
        if last is None or last.text != text:
            Change.objects.create(text=text)
    except DatabaseError as error:
        logger.warning("The change of network is not noted (%s).", str(error).strip())


def network_name(manifest: Mapping[str, Any]) -> str:
    """`vgg16, imagenet` from an index's manifest."""
    weights = manifest.get("weights")
    label = str(weights.get("label", "")) if isinstance(weights, dict) else ""
    return ", ".join(part for part in (str(manifest.get("network", "unknown")), label) if part)[:280]
