"""Tokens of programs that write through the API."""

import secrets
from datetime import timedelta
from hashlib import sha256
from typing import Final

from django.db.models import Q
from django.http import HttpRequest
from django.utils import timezone
from ninja.security import HttpBearer

from catalog.owner.models import ApiToken

# A token's use is noted this exactly, so that a busy program does not write a row with each call.
USE_NOTED_EVERY: Final = timedelta(minutes=5)


def new_token() -> tuple[str, str]:
    """A fresh token of 256 random bits, and the digest to keep of it."""
    token = secrets.token_urlsafe(32)
    return token, digest_of(token)


def digest_of(token: str) -> str:
    """sha256, hex. A random token of 256 bits needs no slow hash: there is nothing to guess."""
    return sha256(token.encode()).hexdigest()


class TokenAuth(HttpBearer):
    """`Authorization: Bearer <token>`, for ninja's routers."""

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken | None:
        known = ApiToken.objects.filter(digest=digest_of(token)).first()
        if known is not None:
            now = timezone.now()
            long_ago = Q(last_used_at=None) | Q(last_used_at__lt=now - USE_NOTED_EVERY)
            ApiToken.objects.filter(long_ago, pk=known.pk).update(last_used_at=now)
        return known
