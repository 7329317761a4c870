"""Each error has one status and one line; a page and a program get the same of both."""

import json
from typing import Any

import pytest
from django.test import Client, RequestFactory

from catalog.errors import BadParameterError, NoVectorError, SiteError, UnknownItemError, problem_of
from catalog.map.data import NoMapError
from catalog.photo.inference_pool import BusyError
from catalog.photo.uploads import TooLargeError
from catalog.rendering.error_pages import error_json, error_response, wants_json
from indexing.errors import EngineError, IndexDamagedError, IndexMissingError, WeightsError

CASES: list[tuple[Exception, int, str | None]] = [
    (SiteError("Choose a picture first."), 400, None),
    (BadParameterError("k: use 1 to 50."), 422, None),
    (UnknownItemError("zzz"), 404, None),
    (NoVectorError("new"), 404, None),
    (TooLargeError(), 413, None),
    (BusyError(), 503, "2"),
    (NoMapError(), 503, "60"),
    (IndexMissingError("There is no index."), 503, "60"),
    (IndexDamagedError("It is no index."), 503, "60"),
    (EngineError("The engine mnn is not installed."), 503, None),
    (WeightsError("No weights."), 503, None),
]


@pytest.mark.parametrize(("error", "status", "retry_after"), CASES, ids=lambda value: type(value).__name__)
def test_a_program_gets_one_line(error: Exception, status: int, retry_after: str | None) -> None:
    response = error_json(error)
    assert (response.status_code, response.headers.get("Retry-After")) == (status, retry_after)
    assert json.loads(response.content) == {"detail": str(error)}
    assert ("no-store" in response.headers.get("Cache-Control", "")) is (status >= 500)


@pytest.mark.parametrize(("error", "status", "retry_after"), CASES, ids=lambda value: type(value).__name__)
def test_a_browser_gets_a_page(error: Exception, status: int, retry_after: str | None, rf: RequestFactory, db: None) -> None:
    request: Any = rf.get("/", headers={"Accept": "text/html"})
    request.resolver_match = None
    response = error_response(request, error)
    assert (response.status_code, response.headers.get("Retry-After")) == (400 if status == 422 else status, retry_after)
    assert "<h1>" in response.content.decode()


@pytest.mark.parametrize(
    ("path", "accept", "expected"),
    [
        ("/api/v1/items/zzz", "text/html", True),
        ("/map/data.json", "*/*", True),
        ("/taste/judge/", "application/json", True),
        ("/items/zzz/", "text/html,application/json", False),
        ("/items/zzz/", "", False),
    ],
)
def test_who_wants_json(rf: RequestFactory, path: str, accept: str, expected: bool) -> None:
    assert wants_json(rf.get(path, headers={"Accept": accept})) is expected


def test_an_error_of_another_kind_is_not_dressed_up() -> None:
    with pytest.raises(TypeError, match="ZeroDivisionError"):
        problem_of(ZeroDivisionError())


ADDRESSES = ["/items/zzz/", "/compare/a/zzz/", "/map/items/zzz/", "/widget/demo/?item=zzz", "/api/v1/compare/a/zzz"]


@pytest.mark.parametrize("address", ADDRESSES)
def test_an_unknown_id_is_404_everywhere(client: Client, catalogue: None, address: str) -> None:
    response = client.get(address)
    assert response.status_code == 404
    assert "zzz" in response.content.decode()


def test_a_form_without_its_mark_is_refused_in_words(db: None) -> None:
    visitor = Client(enforce_csrf_checks=True)
    page = visitor.post("/taste/judge/", {"clear": "1"})
    assert page.status_code == 403
    assert "Open the page again and send it anew." in page.content.decode()
    answer = visitor.post("/taste/judge/", {"clear": "1"}, headers={"Accept": "application/json"})
    assert answer.status_code == 403
    assert "csrftoken" in answer.json()["detail"]
