"""English and Russian: every string of the templates is translated, and the compiled files are those of the sources."""

import gettext
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.template import engines
from django.test import Client

from tests.catalog.builders import add_items, write_index

PLAIN_ENTRY = re.compile(r'^msgid "(.+)"\nmsgstr "(.*)"$', re.MULTILINE)


def folder(language: str) -> Path:
    return Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES"


@pytest.fixture(scope="module")
def russian() -> gettext.GNUTranslations:
    with (folder("ru") / "django.mo").open("rb") as file:
        return gettext.GNUTranslations(file)


def messages(path: Path) -> list[str]:
    """Every string that Jinja2 finds to translate in a template, singular of the plural ones."""
    env = engines["jinja2"].env  # type: ignore[attr-defined]  # the stubs know Django's own engine only
    found = env.extract_translations(path.read_text(encoding="utf-8"))
    return [text if isinstance(text, str) else text[0] for _line, _function, text in found]


def test_every_string_of_the_templates_is_in_russian(russian: gettext.GNUTranslations) -> None:
    names = {"More like this", "Catalogue", "%(number)s item on sale"}  # a call, a call in a link, a block with a plural
    missing, met = set(), set()
    for path in (settings.BASE_DIR / "templates").rglob("*.html"):
        for text in messages(path):
            met.add(text)
            if russian.gettext(text) == text == russian.ngettext(text, text, 1) and text != "API":
                missing.add(f"{path.name}: {text}")
    assert names <= met
    assert missing == set(), "add them to locale/ru/LC_MESSAGES/django.po: see CONTRIBUTING"


def test_no_entry_is_left_untranslated() -> None:
    text = (folder("ru") / "django.po").read_text(encoding="utf-8")
    assert "fuzzy" not in text
    assert [msgid for msgid, msgstr in PLAIN_ENTRY.findall(text) if not msgstr] == []


def test_the_compiled_file_is_that_of_the_source(russian: gettext.GNUTranslations) -> None:
    text = (folder("ru") / "django.po").read_text(encoding="utf-8")
    unescape = {r"\"": '"', r"\n": "\n", r"\\": "\\"}
    for msgid, msgstr in PLAIN_ENTRY.findall(text):
        for old, new in unescape.items():
            msgid, msgstr = msgid.replace(old, new), msgstr.replace(old, new)
        assert russian.gettext(msgid) == msgstr


@pytest.mark.parametrize(("language", "price", "distance"), [("en", "€19.90", "0.1056"), ("ru", "19,90\u00a0€", "0,1056")])
def test_numbers_are_written_as_the_language_does(client: Client, db: None, language: str, price: str, distance: str) -> None:
    write_index()
    add_items()
    html = client.get("/items/a/", headers={"accept-language": language}).content.decode()
    assert price in html
    assert distance in html
    assert f'<html lang="{language}"' in html


def test_russian_plurals(client: Client, db: None) -> None:
    write_index()
    add_items(["a", "b"])
    html = client.get("/items/", headers={"accept-language": "ru"}).content.decode()
    assert "2 товара в продаже" in html


def test_choosing_a_language_is_a_post(client: Client, db: None) -> None:
    client.get("/i18n/setlang/?language=ru")
    assert 'lang="en"' in client.get("/items/").content.decode()
    response = client.post("/i18n/setlang/", {"language": "ru", "next": "/items/"})
    assert response.headers["Location"] == "/items/"
    assert 'lang="ru"' in client.get("/items/").content.decode()


def test_choosing_a_language_leads_nowhere_else(client: Client, db: None) -> None:
    response = client.post("/i18n/setlang/", {"language": "ru", "next": "https://elsewhere.example/"})
    assert response.headers["Location"] == "/"
