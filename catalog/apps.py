import logging
from typing import Any

from django.apps import AppConfig
from django.db import DatabaseError

logger = logging.getLogger(__name__)


def follow_the_index(sender: object, **kwargs: Any) -> None:
    """Receiver of `indexing.signals.index_built`. What it needs (OpenCV among it) is imported when an index was built."""
    from catalog.sync_index import take_over

    try:
        take_over(sender, **kwargs)
    except DatabaseError as error:  # the index is in its place: a catalogue that lags behind is no reason to fail a build
        logger.warning(
            "The catalogue does not follow the new index (%s): run manage.py migrate, then build_index again.",
            str(error).strip(),
        )


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = "Catalogue"

    def ready(self) -> None:
        from catalog import checks  # noqa: F401  (registers itself)
        from indexing.signals import index_built

        index_built.connect(follow_the_index, dispatch_uid="catalog.take_over")
