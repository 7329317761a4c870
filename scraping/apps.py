import logging
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.db import DatabaseError

logger = logging.getLogger(__name__)


def take_pushed_items(sender: object, images: Path, **_kwargs: Any) -> None:
    """Receiver of `recommender.runs.build_starting`: items sent through the API are taken up, so that the build sees them."""
    from catalog.models import PushedItem
    from scraping.errors import FolderError

    try:
        if not PushedItem.objects.exists():
            return
        from recommender.runs import recorded_run
        from scraping.pushed_items import take_pushed

        with recorded_run("build_index", "items sent through the API") as run:
            report = take_pushed(images)
            run.counts = {"taken": report.downloaded, "failed": len(report.failures)}
            run.failures = report.failed()
        if report.failures:
            logger.warning(
                "%d items sent through the API have no picture yet: the reasons stand at the desk.", len(report.failures)
            )
    except (DatabaseError, FolderError) as error:
        logger.warning("Items sent through the API wait for the next build (%s).", str(error).strip())


class ScrapingConfig(AppConfig):
    name = "scraping"
    verbose_name = "Scraping"

    def ready(self) -> None:
        from recommender.runs import build_starting

        build_starting.connect(take_pushed_items, dispatch_uid="scraping.take_pushed_items")
