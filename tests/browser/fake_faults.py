"""The site of `fake_boxes` with addresses where something is wrong, to look at the pages that say so."""

from collections.abc import Callable

from tests.browser.fake_boxes import application  # isort: skip  (models can be imported once it is there)
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import REASON_NO_CSRF_COOKIE
from django.shortcuts import render
from django.urls import include, path

from catalog.errors import SiteError
from catalog.map.data import NoMapError
from catalog.rendering.error_pages import form_refused
from indexing.errors import EngineError, IndexFileError, IndexMissingError

__all__ = ["application"]

settings.ROOT_URLCONF = __name__


class TooManyError(SiteError):
    status = 429
    retry_after = 30


FAULTS: dict[str, Callable[[], Exception]] = {
    "broken": lambda: RuntimeError("on purpose"),
    "no-index": lambda: IndexMissingError("There is no index at items.pkl: `python manage.py build_index` makes one."),
    "damaged": lambda: IndexFileError("items.pkl is damaged: build it again."),
    "no-map": NoMapError,
    "busy": lambda: EngineError("The network does not answer: try again in a moment."),
    "too-many": lambda: TooManyError("That were many photos: send yours again in 30 seconds."),
}


def fault(request: HttpRequest, name: str) -> HttpResponse:
    """Raise what `name` says, or show the page of it."""
    if name == "lost-form":
        return form_refused(request, REASON_NO_CSRF_COOKIE)
    if name == "empty":
        return render(request, "browse/empty.html")
    raise FAULTS[name]()


urlpatterns = [path("faults/<str:name>/", fault), path("", include("recommender.urls"))]
handler404 = "catalog.rendering.error_pages.not_found"
