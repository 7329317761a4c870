"""The JSON API, version 1. Errors are one line: {"detail": "…"}."""

from catalog.api.application import api

__all__ = ["api"]
