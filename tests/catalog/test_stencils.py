"""Templates drawn once and filled: the same HTML as rendering, and nothing kept but the template's text."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path

import pytest
from django.template.loader import get_template
from django.urls import get_script_prefix, set_script_prefix
from django.utils import translation
from pytest_django import Settings

from catalog import stencils
from catalog.stencils import Pen

Write = Callable[[str], None]


@pytest.fixture
def write(settings: Settings, tmp_path: Path) -> Iterator[Write]:
    """Writes the one template of a test, `t.html`."""
    changed = deepcopy(settings.TEMPLATES)
    changed[0]["DIRS"] = [tmp_path]
    settings.TEMPLATES = changed
    stencils._draw.cache_clear()

    def write_template(text: str) -> None:
        (tmp_path / "t.html").write_text(text, encoding="utf-8")

    yield write_template
    stencils._draw.cache_clear()


@pytest.mark.parametrize("value", ["plain", "<b>&'\"</b>", "100 % of %(name)s", "{{ name }}", "hole0x", "кот €", " "])
def test_a_filled_value_is_what_rendering_gives(write: Write, value: str) -> None:
    write("100 % {{ name }} <i title='{{ name }}'>{% if price %}{{ price }}{% endif %}</i> %(price)s")
    values = {"name": value, "price": ""}
    assert Pen().fill("t.html", values) == get_template("t.html").render(values)


def test_html_goes_in_as_it_is(write: Write) -> None:
    write("{{ cards }}{{ name }}{{ none }}")
    assert Pen().fill("t.html", {"name": "<"}, {"cards": "<li>", "none": ""}) == "<li>&lt;"


def test_what_is_empty_is_left_out(write: Write) -> None:
    write("{% if price %}for {{ price }}{% else %}free{% endif %}")
    pen = Pen()
    assert [pen.fill("t.html", {"price": price}) for price in ("1", "", "2")] == ["for 1", "free", "for 2"]


def test_each_frozen_form_is_drawn_for_itself(write: Write) -> None:
    write("{% if said == 'like' %}+{% else %}-{% endif %}{{ name }}")
    pen = Pen()
    assert [pen.fill("t.html", {"name": "a"}, said=said) for said in ("like", "", "like")] == ["+a", "-a", "+a"]


def test_each_language_and_each_prefix_is_drawn_for_itself(write: Write) -> None:
    write("{% load i18n %}{% trans 'Catalogue' %} {% url 'catalog:grid' %}")
    before = get_script_prefix()
    found = []
    try:
        for language, prefix in (("en", "/"), ("ru", "/"), ("en", "/shop/"), ("en", "/")):
            set_script_prefix(prefix)
            with translation.override(language):
                found.append(str(Pen().fill("t.html", {})))
    finally:
        set_script_prefix(before)
    assert found == ["Catalogue /items/", "Каталог /items/", "Catalogue /shop/items/", "Catalogue /items/"]


def test_a_template_is_drawn_once(write: Write) -> None:
    write("{{ name }}")
    pen = Pen()
    for number in range(20):
        pen.fill("t.html", {"name": str(number)})
    assert stencils._draw.cache_info().misses == 1


def test_what_is_kept_is_bounded(write: Write) -> None:
    write("{{ name }}")
    for number in range(stencils.KEPT + 9):
        Pen().fill("t.html", {"name": "a"}, number=number)
    assert stencils._draw.cache_info().currsize == stencils.KEPT


def test_while_debugging_a_changed_template_shows(write: Write, settings: Settings) -> None:
    settings.DEBUG = True
    settings.TEMPLATES[0]["OPTIONS"]["loaders"] = ["django.template.loaders.filesystem.Loader"]
    settings.TEMPLATES = deepcopy(settings.TEMPLATES)
    write("old")
    assert Pen().fill("t.html", {}) == "old"
    write("new")
    assert Pen().fill("t.html", {}) == "new"
