import logging
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.db import DatabaseError
from django.utils.translation import gettext_lazy as _

logger = logging.getLogger(__name__)


def on_index_built(sender: object, path: Path, **_kwargs: Any) -> None:
    """Receiver of `indexing.signals.index_built`. Imports what it needs (OpenCV among it) only then."""
    from catalog.sync_index import sync_index
    from recommender.database import renew_connection

    try:
        renew_connection()  # it may have died while the build computed for hours
        sync_index(path)
    except DatabaseError as error:  # the index is in its place: a catalogue that lags behind is no reason to fail a build
        logger.warning(
            "The catalogue is not synchronised with the new index (%s): run manage.py migrate, then build_index again.",
            str(error).strip(),
        )


def push_vectors(sender: object, path: Path, **_kwargs: Any) -> None:
    """Receiver of `indexing.signals.index_built`: bring the database that VECTOR_STORE names up to the index."""
    from catalog.vector_stores.selection import collection_of_settings
    from indexing.index.file import load_index

    collection = collection_of_settings()
    if collection is not None:
        from catalog.vector_stores.push import push_index

        report = push_index(collection, load_index(path))
        logger.info("Qdrant's collection %s is up to the index: %s.", collection.name, report)


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = _("Catalogue")

    def ready(self) -> None:
        from catalog import checks  # noqa: F401  (registers itself)
        from indexing.signals import index_built

        index_built.connect(on_index_built, dispatch_uid="catalog.sync_index")
        index_built.connect(push_vectors, dispatch_uid="catalog.push_vectors")  # after it: the payload is the catalogue's
