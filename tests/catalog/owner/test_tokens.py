"""Tokens are shown once and kept as a digest."""

import re

from django.http import HttpRequest
from django.test import Client

from catalog.owner.models import ApiToken
from catalog.owner.tokens import TokenAuth, digest_of


def test_a_token_is_shown_once_and_lets_in(owner: Client) -> None:
    page = owner.post("/admin/owner/apitoken/add/", {"name": "shop system"}, follow=True).content.decode()
    match = re.search(r"shown only now: ([\w-]{43})", page)
    assert match
    token = ApiToken.objects.get()
    assert token.digest == digest_of(match[1])
    assert match[1] not in owner.get("/admin/owner/apitoken/").content.decode()
    assert TokenAuth().authenticate(HttpRequest(), match[1]) == token
    token.refresh_from_db()
    assert token.last_used_at is not None


def test_another_token_does_not(owner: Client) -> None:
    assert TokenAuth().authenticate(HttpRequest(), "x" * 43) is None
