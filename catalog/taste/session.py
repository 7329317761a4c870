"""The visitor's taste in their session, which is a signed cookie: nothing is kept here."""

from typing import Final

from django.http import HttpRequest

from catalog.taste.likes import Taste, unpack

KEY: Final = "taste"


def read_taste(request: HttpRequest) -> Taste:
    """What this visitor judged so far."""
    kept: Taste | None = getattr(request, "_taste", None)
    if kept is None:
        # An answer to a request that never came to the session (a wrong Host, say) is nobody's.
        kept = unpack(request.session.get(KEY)) if hasattr(request, "session") else Taste()
        request._taste = kept  # type: ignore[attr-defined]  # twenty cards ask; the session is read once
    return kept


def write_taste(request: HttpRequest, taste: Taste) -> int:
    """Keep `taste`; return how many of its oldest verdicts did not fit."""
    fitted = taste.fitted()
    if fitted.judged:
        request.session[KEY] = fitted.pack()
    else:
        request.session.pop(KEY, None)
    request._taste = fitted  # type: ignore[attr-defined]
    return len(taste) - len(fitted)
