"""The owner's desk in Russian: every string of its templates and code, compiled from the source."""

import gettext
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.test import Client

from catalog.owner import models

FOLDER = Path(models.__file__).parent / "locale" / "ru" / "LC_MESSAGES"


def test_every_entry_is_translated_and_compiled() -> None:
    with (FOLDER / "django.po").open("rb") as source, (FOLDER / "django.mo").open("rb") as compiled:
        catalogue, russian = read_po(source, locale="ru"), gettext.GNUTranslations(compiled)
    for message in catalogue:
        if not message.id:
            continue
        assert message.string
        assert not message.fuzzy
        if isinstance(message.id, str):
            assert russian.gettext(message.id) == message.string


@pytest.mark.parametrize("page", ["owner/usagecount/", "owner/run/", "owner/rule/preview/", "catalog/item/"])
def test_pages_of_the_desk_speak_russian(owner: Client, page: str) -> None:
    html = owner.get(f"/admin/{page}", headers={"Accept-Language": "ru"}).content.decode()
    assert '<html lang="ru"' in html
    assert "Стол магазина" in html


def test_columns_of_the_desk_speak_russian(owner: Client) -> None:
    heads = {"catalog/item/": ("Название", "В наличии", "Каталог"), "owner/apitoken/add/": ("Имя",)}
    for page, names in heads.items():
        html = owner.get(f"/admin/{page}", headers={"Accept-Language": "ru"}).content.decode()
        assert [name for name in names if name not in html] == []
