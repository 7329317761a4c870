"""Static files as the site serves them, gathered again only when they have changed."""

import hashlib
import json
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

FINGERPRINT: Final = ".fingerprint"


class GzipManifestStorage(CompressedManifestStaticFilesStorage):
    """WhiteNoise's storage without Brotli, which takes half a minute for the admin's and the API page's files."""

    def create_compressor(self, **kwargs: Any) -> Compressor:
        return Compressor(use_brotli=False, **kwargs)


def collect_static_files() -> bool:
    """Gather the static files of all apps into STATIC_ROOT unless they are there already; whether anything was to do."""
    root = Path(settings.STATIC_ROOT)
    fingerprint = _fingerprint()
    kept = root / FINGERPRINT
    if kept.is_file() and kept.read_text() == fingerprint:
        return False
    call_command("collectstatic", verbosity=0, interactive=False)
    kept.write_text(fingerprint)
    return True


def _fingerprint() -> str:
    """Changes when a static file of any app does: its path, size or time."""
    entries = []
    for finder in get_finders():
        for path, storage in finder.list([]):
            stat = Path(storage.path(path)).stat()
            entries.append((path, stat.st_size, stat.st_mtime_ns))
    backend = settings.STORAGES["staticfiles"]["BACKEND"]
    return hashlib.sha256(json.dumps([backend, sorted(entries)]).encode()).hexdigest()
