"""Templates are ordinary: whatever a filter, a comparison or a loop is given, it gets the real value. Escaping is always on."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.conf import settings
from django.template import engines
from django.test import Client

from catalog.cards import make_card
from catalog.products import Product
from tests.catalog.builders import add_item, make_index, write_index

CARD = make_card(Product("a", 'Kate\'s "cat" & <dog>', Decimal("19.90"), "EUR"), None)


def render(text: str, **context: Any) -> str:
    return str(engines["jinja2"].from_string(text).render({"card": CARD, **context}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ card.title|tojson }}", r'"Kate\u0027s \"cat\" \u0026 \u003cdog\u003e"'),
        ("{{ card.title|urlencode }}", "Kate%27s%20%22cat%22%20%26%20%3Cdog%3E"),
        ("{% if price == 19.90 %}equal{% else %}other{% endif %}", "equal"),
        ("{% if price > 19 and price < 20 %}between{% endif %}", "between"),
        ("{{ card.title|length }}", "20"),
        ("{{ card.id|upper }}", "A"),
        ("{% for letter in card.price %}{{ letter }}.{% endfor %}", "€.1.9...9.0."),
        ("{% if card.title is defined and 'cat' in card.title %}a cat{% endif %}", "a cat"),
    ],
)
def test_filters_comparisons_and_loops_see_the_real_value(text: str, expected: str) -> None:
    assert render(text, price=19.90) == expected


def test_values_are_escaped() -> None:
    assert render("<a title='{{ card.title }}'>{{ card.title }}</a>").count("&lt;dog&gt;") == 2
    assert render("{% trans name=card.title %}More like {{ name }}{% endtrans %}").endswith("&amp; &lt;dog&gt;")


def test_a_title_is_escaped_wherever_it_stands_on_the_page(client: Client, db: None) -> None:
    write_index(make_index({"a": (1, 0), "b": (2, 1)}))
    for item_id in ("a", "b"):
        add_item(item_id, title='<i>"x"</i>', category="<u>", dominant_colour="<s>", currency="<b>")
    for address in ("/items/a/", "/items/", "/taste/?like=a", "/compare/a/b/", "/widget/demo/?item=a", "/map/items/a/"):
        html = client.get(address).content.decode()
        assert "&lt;i&gt;" in html
        assert not any(tag in html for tag in ('<i>"', "<u>", "<s>", "<b>"))


def test_no_template_has_styles_or_scripts_of_its_own() -> None:
    # The pages' policy is default-src 'self': such things would not run.
    wrong = re.compile(r"\sstyle=|<style|\son[a-z]+=\"|<script(?![^>]*(?:src=|type=\"application/json\"))")
    found = {path.name for path in (settings.BASE_DIR / "templates").rglob("*.html") if wrong.search(path.read_text())}
    assert found == set()
