"""Requests made from the API's own description never end in a 5xx, and write nothing without a token.

A few requests an address run with every test. `API_CASES=800 pytest tests/catalog/test_api_schema.py` sends some 10,000.
"""

import os
from typing import Any

import pytest
import requests
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core.result import Ok

from catalog.api import api
from catalog.models import Item, PushedItem
from catalog.owner.models import ApiToken
from catalog.owner.tokens import new_token
from tests.catalog.builders import add_items, write_index

CASES = int(os.environ.get("API_CASES", "12"))
schema = schemathesis.openapi.from_dict(api.get_openapi_schema())
OPERATIONS = [result.ok() for result in schema.get_all_operations() if isinstance(result, Ok)]
WRITING = {"put", "delete"}


def is_writing(operation: Any) -> bool:
    return operation.method.lower() in WRITING or operation.path.endswith("items:batch")


def send(client: Client, case: Any, token: str = "") -> Any:
    """Send a generated case by Django's test client, which needs no server."""
    kwargs = case.as_transport_kwargs(base_url="http://testserver")
    names = ("method", "url", "headers", "params", "json", "data", "files")
    request = requests.Request(**{name: kwargs[name] for name in names if name in kwargs}).prepare()
    dropped = {"content-length", "content-type", "authorization"}
    headers = {name: value for name, value in request.headers.items() if name.lower() not in dropped}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    body = request.body or b""
    data = body if isinstance(body, bytes) else str(body).encode()
    kind = request.headers.get("Content-Type", "application/json")
    return client.generic(request.method or "GET", request.path_url, data, content_type=kind, headers=headers)


@pytest.fixture
def token(db: None) -> str:
    write_index()
    add_items()
    token, digest = new_token()
    ApiToken.objects.create(name="test", digest=digest)
    return token


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: f"{operation.method} {operation.path}")
def test_no_request_ends_in_a_server_error(operation: Any, token: str, client: Client) -> None:
    client.raise_request_exception = False

    @settings(max_examples=CASES, derandomize=True, database=None, deadline=None, suppress_health_check=list(HealthCheck))
    @given(case=operation.as_strategy(), with_token=st.booleans())
    def run(case: Any, *, with_token: bool) -> None:
        before = Item.objects.filter(delisted_at=None).count(), PushedItem.objects.count()
        response = send(client, case, token if with_token else "")
        # 503 is the answer for what this index cannot do: its network's weights are not here.
        assert response.status_code < 500 or response.status_code == 503, (response.status_code, response.content[:300])
        if is_writing(operation) and not with_token:
            # 400: a zero byte is refused before anybody asks for the token.
            assert response.status_code in {400, 401, 404, 405}, response.status_code
            assert (Item.objects.filter(delisted_at=None).count(), PushedItem.objects.count()) == before

    run()
