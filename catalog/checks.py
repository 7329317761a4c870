"""What `manage.py check --deploy` says about the site's folders, index and proxy, each with its way out.

Only there: before the first scrape there is nothing to find yet, and other commands need not open the index to start.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Tags, register

from indexing.errors import IndexFileError, IndexMissingError
from indexing.index.file import load_index


@register(Tags.files, deploy=True)
def images_folder(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W001: no folder of previews."""
    if settings.IMAGES_DIR.is_dir():
        return []
    hint = "Run `python manage.py scrape demo`, or set IMAGES_DIR to the folder of <ItemID>.jpg files."
    return [checks.Warning(f"IMAGES_DIR is {settings.IMAGES_DIR}, and there is no such folder.", hint=hint, id="catalog.W001")]


@register(Tags.files, deploy=True)
def index_file(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W002: no index; W003: one that cannot be used."""
    try:
        load_index(settings.INDEX_PATH)
    except IndexMissingError as error:
        return [checks.Warning(str(error), hint="Run `python manage.py build_index`.", id="catalog.W002")]
    except IndexFileError as error:
        return [checks.Warning(str(error), hint="Run `python manage.py build_index --rebuild`.", id="catalog.W003")]
    return []


@register(Tags.files, deploy=True)
def cache_folder(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W004: converted previews cannot be kept, so each is made again for every request."""
    folder: Path = settings.CACHE_DIR
    nearest = next(parent for parent in (folder, *folder.parents) if parent.exists())
    if nearest.is_dir() and os.access(nearest, os.W_OK):
        return []
    hint = "Make it writable for the user the site runs as, or set CACHE_DIR to a folder that is."
    return [checks.Warning(f"CACHE_DIR is {folder}, which cannot be written.", hint=hint, id="catalog.W004")]


@register(Tags.security, deploy=True)
def named_proxy(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W005: a proxy is in front, and nobody says which: all clients have one address."""
    if not settings.HTTPS or settings.TRUSTED_PROXY:
        return []
    hint = "Set TRUSTED_PROXY to the address that the proxy's connections come from, 127.0.0.1 on the same machine."
    line = "DJANGO_HTTPS says that a proxy is in front, but TRUSTED_PROXY is empty: clients cannot be told apart."
    return [checks.Warning(line, hint=hint, id="catalog.W005")]


@register(Tags.security, deploy=True)
def proxy_in_front(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W006: no proxy; what only a proxy can do is not done."""
    if settings.HTTPS:
        return []
    hint = "Put nginx in front, and set DJANGO_HTTPS=true and TRUSTED_PROXY: docs/how-to/deploy.md says how and what for."
    line = "DJANGO_HTTPS is off: nothing ends TLS, nor bounds connections and requests of an address, in front of the site."
    return [checks.Warning(line, hint=hint, id="catalog.W006")]


@register(Tags.security, deploy=True)
def search_rates(app_configs: Sequence[AppConfig] | None, **_kwargs: Any) -> list[CheckMessage]:
    """W007: whoever likes can keep the network busy."""
    off = [name for name in ("SEARCH_RATE_PER_ADDRESS", "SEARCH_RATE") if not getattr(settings, name)]
    hint = (
        "Leave them out for their defaults, or bound the rate of /search/photo/, /api/v1/search and /api/v1/embed in the proxy."
    )
    return [checks.Warning(f"{' and '.join(off)} is 0: photos are not counted.", hint=hint, id="catalog.W007")] if off else []
