"""What the first visitor of a page would wait for, done in the background after a worker's start.

The index is loaded at once. The rest waits a moment for the first pages: the map's sheets, the compiled loops of live search,
and the network for photos, if a build has left it ready and it is small.
"""

import logging
from typing import Final

from django.conf import settings

from catalog.errors import SiteError
from catalog.index_store import Loaded, get_loaded
from indexing.errors import IndexFileError, IndexingError
from recommender.background import BackgroundThread, check_stopping, pause

logger = logging.getLogger(__name__)
PAUSE_SECONDS: Final = 2.0


def start() -> None:
    """Begin, without keeping a server from starting: an index in the article's format takes half a minute to complete."""
    BackgroundThread("warm-up", warm_up, PAUSE_SECONDS).start()


def warm_up(seconds: float = 0.0) -> None:
    """Load the index and, `seconds` later, the rest, unless WARM_UP is off. What is missing or damaged is left for the pages
    to explain.

    Raises StoppingError when the process ends meanwhile.
    """
    try:
        loaded = get_loaded()
    except IndexFileError as error:
        logger.warning("%s", error)
        return
    if not settings.WARM_UP:
        return
    pause(seconds)
    try:
        _prepare(loaded)
    except (IndexingError, SiteError, OSError) as error:
        logger.info("Not everything could be prepared, the first visitor waits for it: %s", error)


def _prepare(loaded: Loaded) -> None:
    # Imported here: they load OpenCV and Numba, which no server needs to start.
    from catalog.map.data import has_map
    from catalog.map.sprites import ensure_sheets, make_plan
    from catalog.photo.inference_pool import get_pool, threads
    from indexing.nearest.search import LiveSearch
    from indexing.query import open_if_light

    check_stopping()
    index = loaded.index
    if has_map(index):
        ensure_sheets(loaded, make_plan(loaded))
    LiveSearch(index.vectors, threads()).query(index.vectors[:1], 1)
    check_stopping()
    get_pool().run(lambda: open_if_light(index.manifest, settings.CACHE_DIR, threads()))
