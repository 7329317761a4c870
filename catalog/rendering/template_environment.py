"""What templates can use besides Jinja2's own: addresses, translations, and Django's formats."""

from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

from django.templatetags.static import static
from django.utils.formats import date_format, number_format
from django.utils.text import capfirst
from django.utils.translation import get_language, get_language_info, gettext, ngettext
from jinja2 import Environment, pass_context
from jinja2.runtime import Context

from catalog.products import price_text
from catalog.rendering.addresses import url
from catalog.rendering.colour_names import colour_name


def environment(**options: Any) -> Environment:
    """The site's Jinja2 environment: autoescaping, `_()` and `{% trans %}`, `url()`, `static()`, and a few filters."""
    env = Environment(**options, extensions=["jinja2.ext.i18n"])  # nosec B701  # noqa: S701  (Django passes autoescape=True)
    env.install_gettext_callables(gettext, ngettext, newstyle=True)  # type: ignore[attr-defined]  # the extension's
    env.globals |= {
        "_": translate,
        "languages": languages,
        "price_text": price_text,
        "query": query,
        "query_fields": parse_qsl,
        "static": lru_cache(maxsize=256)(static),
        "url": url,
    }
    env.filters |= {"capfirst": capfirst, "colour_name": colour_name, "date": date_format, "thousands": thousands}
    return env


@pass_context
def translate(context: Context, message: str) -> str:
    """`_("Search")`: the translation of one of our own strings, as text."""
    return _translate(message, context.get("LANGUAGE_CODE") or get_language())


@lru_cache(maxsize=4096)
def _translate(message: str, _language: str | None) -> str:
    # Kept: a page has some hundred of them, and Django's lookup takes 3 microseconds, this one a tenth.
    return gettext(message)


def query(*parts: str) -> str:
    """Query strings joined to one, the empty ones left out."""
    return "&".join(part for part in parts if part)


def thousands(number: int) -> str:
    """1234567 as the reader's language groups it."""
    return number_format(number, force_grouping=True)


def languages() -> list[Any]:
    """The languages to choose from, each as Django's `get_language_info` describes it."""
    from django.conf import settings

    return [get_language_info(code) for code, _name in settings.LANGUAGES]
