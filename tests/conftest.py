"""What every room's tests share."""

from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture
def shared() -> Path:
    """The folder of real photos and the local shop beside the checkout; tests that need it skip without it."""
    if not (SHARED / "photos" / "labels.csv").is_file():
        pytest.skip("no ../shared beside this checkout: the real photos and the local shop are not here")
    return SHARED


@pytest.fixture(autouse=True)
def _english() -> None:
    """A request of the test client leaves its language to the thread: each test begins in the site's own."""
    translation.activate(settings.LANGUAGE_CODE)
