"""Errors as answers: one rendering as a page, one as JSON. Views raise; only a form catches, to show the problem itself."""

import logging
import random
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from catalog.browse.listing import index_or_none
from catalog.browse.random_items import suggestions
from catalog.cards import make_card
from catalog.errors import DATABASE_DOWN, Problem, UnknownItemError, problem_of
from catalog.map.data import NoMapError
from indexing.errors import IndexFileError, IndexMissingError

logger = logging.getLogger(__name__)

TEMPLATES: Final[dict[type[Exception], str]] = {
    IndexFileError: "no_index.html",
    NoMapError: "map/no_map.html",
    UnknownItemError: "similar/unknown_item.html",
}


def error_response(request: HttpRequest, error: Exception, template: str | None = None, **context: Any) -> HttpResponse:
    """The answer to a request that ended in `error`, one of `catalog.errors.RENDERED`.

    template: the page of the form that was sent; it is rendered with `problem`, the line to show, and `context`.
    """
    if wants_json(request):
        return error_json(error)
    _log(error)
    problem = problem_of(error)
    context |= {"error": error, "problem": problem.detail, **_more_context(error)}
    name = template or next((page for kind, page in TEMPLATES.items() if isinstance(error, kind)), "error.html")
    # 422 is what an API says of a parameter; a browser's request is simply a bad one.
    status = 400 if problem.status == 422 else problem.status
    return _with_headers(render(request, name, {**context, "status": status}, status=status), problem)


def error_json(error: Exception) -> HttpResponse:
    """The same for a program: `{"detail": "one line"}`."""
    _log(error)
    problem = problem_of(error)
    return _with_headers(JsonResponse({"detail": problem.detail}, status=problem.status), problem)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """No such address."""
    if wants_json(request):
        detail = f"There is nothing at {request.path[:200]}; the API is described at /api/v1/docs."
        return JsonResponse({"detail": detail}, status=404)
    return render(request, "404.html", status=404)


def form_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without the mark that this site's own forms have (`settings.CSRF_FAILURE_VIEW`)."""
    if wants_json(request):
        return JsonResponse({"detail": f"{reason} Send the csrftoken cookie and its value with the form."}, status=403)
    problem = _(
        "The form was open for too long, or this browser keeps no cookies of this site. Open the page again and send it anew."
    )
    return render(request, "error.html", {"status": 403, "problem": problem}, status=403)


def wants_json(request: HttpRequest) -> bool:
    """Whether a program asks: an address of the API or of data, or a script of our own pages that says so."""
    path, accept = request.path_info, request.headers.get("Accept", "")
    return path.startswith("/api/") or path.endswith(".json") or accept.startswith("application/json")


def _log(error: Exception) -> None:
    """Visitors are not told what is wrong with the database; the operator is."""
    if isinstance(error, DATABASE_DOWN):
        logger.error("The database does not answer: %s", " ".join(str(error).split()))


def _more_context(error: Exception) -> dict[str, Any]:
    if isinstance(error, UnknownItemError):
        index = index_or_none()
        products = suggestions(error.item_id, index, random.SystemRandom())
        return {"item_id": error.item_id, "cards": [make_card(product, index) for product in products]}
    return {"missing": isinstance(error, IndexMissingError)}


def _with_headers(response: HttpResponse, problem: Problem) -> HttpResponse:
    if problem.retry_after is not None:
        response["Retry-After"] = str(problem.retry_after)
    if problem.status >= 500:
        response["Cache-Control"] = "no-store"
    return response
