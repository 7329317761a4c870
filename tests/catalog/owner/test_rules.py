"""Rules: what each kind allows, how they are checked, and the preview."""

import re
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.test import Client
from django.utils.translation import override

from catalog.models import Item
from catalog.owner.models import Change, Rule
from catalog.owner.rules import RuleSet, get_rules
from catalog.products import Product

DRESS = Product("dress", "Dress", Decimal("50"), "EUR", category="Dresses", brand="Acme")
SHOES = Product("shoes", "Shoes", Decimal("80"), "EUR", category="Shoes", brand="Acme")
OTHER = Product("other", "Other", Decimal("20"), "EUR", category="dresses", brand="Else", in_stock=True)


def rules(*given: Rule) -> RuleSet:
    return RuleSet(given)


NEVER_SHOES = Rule(kind="never", if_field="category", if_value="Dresses", then_field="category", then_value="shoes")
NEVER_DEAR = Rule(kind="never", then_field="price_above", then_value="49.90")
SAME_CATEGORY = Rule(kind="within", then_field="category")
PIN = Rule(kind="pin", if_field="brand", if_value="acme", then_field="item_id", then_value="other")
BOOST = Rule(kind="boost")


@pytest.mark.parametrize(
    ("rule", "item", "other", "allowed"),
    [
        (NEVER_SHOES, DRESS, SHOES, False),
        (NEVER_SHOES, SHOES, DRESS, True),
        (NEVER_SHOES, SHOES, SHOES, True),
        (NEVER_SHOES, None, SHOES, True),
        (NEVER_DEAR, DRESS, SHOES, False),
        (NEVER_DEAR, None, DRESS, False),
        (NEVER_DEAR, DRESS, OTHER, True),
        (SAME_CATEGORY, DRESS, SHOES, False),
        (SAME_CATEGORY, DRESS, OTHER, True),
        (SAME_CATEGORY, Product("bare"), SHOES, True),
        (SAME_CATEGORY, None, SHOES, True),
        (PIN, DRESS, SHOES, True),
    ],
)
def test_what_a_rule_allows(rule: Rule, item: Product | None, other: Product, *, allowed: bool) -> None:
    assert rules(rule).beside(item).allows(other) is allowed


@pytest.mark.django_db
@pytest.mark.parametrize("rule", [NEVER_SHOES, NEVER_DEAR, SAME_CATEGORY])
@pytest.mark.parametrize("item", [DRESS, SHOES, None])
def test_the_query_says_the_same(rule: Rule, item: Product | None) -> None:
    others = [DRESS, SHOES, OTHER]
    for product in others:
        fields = {name: getattr(product, name) for name in ("item_id", "title", "price", "category", "brand")}
        Item.objects.create(**fields, last_seen="2026-11-01T00:00:00Z")
    kept = Item.objects.exclude(rules(rule).beside(item).excluded() or Q(pk__in=[])).values_list("pk", flat=True)
    assert sorted(kept) == sorted(other.item_id for other in others if rules(rule).beside(item).allows(other))


def test_pinned_stand_beside_what_the_rule_names() -> None:
    assert rules(PIN).beside(DRESS).pinned() == ["other"]
    assert rules(PIN).beside(OTHER).pinned() == []
    assert rules(PIN).beside(None).pinned() == []


def test_an_item_is_not_pinned_beside_itself() -> None:
    rule = Rule(kind="pin", then_field="item_id", then_value="dress")
    assert rules(rule).beside(DRESS).pinned() == []


def near(client: Client, **params: Any) -> list[str]:
    answer = client.get("/api/v1/items/a/similar", {"k": 5, **params}).json()
    return [item["id"] for item in answer["neighbours"]]


def test_rules_hold_in_the_api_and_on_the_page(shop: None, client: Client) -> None:
    assert near(client) == ["b", "c", "d", "f", "e"]
    Item.objects.filter(pk__in=["a", "b", "d", "e", "f"]).update(category="Shirts")
    Item.objects.filter(pk="c").update(category="Caps")
    Rule.objects.create(kind="within", then_field="category")
    assert near(client) == ["b", "d", "f", "e"]
    assert 'data-item="c"' not in client.get("/items/a/").content.decode()
    assert near(client, price_max="100") == ["b", "d", "f", "e"]


def test_a_pinned_item_stands_first_with_its_own_distance(shop: None, client: Client) -> None:
    Rule.objects.create(kind="pin", then_field="item_id", then_value="e")
    assert near(client) == ["e", "b", "c", "d", "f"]
    assert near(client, metric="euclidean", k=2) == ["e", "c"]
    Item.objects.filter(pk="e").update(hidden=True)
    assert "e" not in near(client)


def test_what_is_in_stock_comes_first(shop: None, client: Client) -> None:
    Item.objects.filter(pk__in=["d", "e"]).update(in_stock=True)
    Rule.objects.create(kind="boost")
    assert near(client) == ["d", "e", "b", "c", "f"]


def test_the_three_measures_keep_their_order(shop: None, client: Client) -> None:
    Rule.objects.create(kind="pin", then_field="item_id", then_value="e")
    page = client.get("/items/a/").content.decode()
    cosine = page.partition('id="cosine"')[2].partition("</section>")[0]
    assert re.findall(r'data-item="(\w)"', cosine) == ["b", "c", "d", "f", "e"]


@pytest.mark.parametrize(
    "rule",
    [
        Rule(kind="never", then_field="category"),
        Rule(kind="never", then_field="price_above", then_value="cheap"),
        Rule(kind="within", then_field="price_above", then_value="3"),
        Rule(kind="pin", then_field="category", then_value="Shoes"),
        Rule(kind="never", if_field="brand", then_field="category", then_value="Shoes"),
    ],
)
def test_a_rule_that_means_nothing_is_refused(rule: Rule) -> None:
    with pytest.raises(ValidationError):
        rule.clean()


@pytest.mark.parametrize("rule", [NEVER_SHOES, NEVER_DEAR, SAME_CATEGORY, PIN, BOOST])
def test_a_rule_that_means_something_is_taken(rule: Rule) -> None:
    rule.clean()


@pytest.mark.django_db
def test_a_saved_rule_holds_at_once_and_is_noted() -> None:
    assert get_rules().rules == ()
    rule = Rule.objects.create(kind="within", then_field="category")
    assert [one.pk for one in get_rules().rules] == [rule.pk]
    rule.delete()
    assert get_rules().rules == ()
    assert [change.text.split(":")[0] for change in Change.objects.order_by("id")] == ["rule", "rule removed"]


def test_the_preview_shows_before_and_after(owner: Client) -> None:
    Item.objects.filter(pk__in=["a", "b"]).update(category="Shirts")
    Item.objects.filter(pk="c").update(category="Caps")
    Rule.objects.create(kind="never", if_field="category", if_value="Shirts", then_field="category", then_value="Caps")
    page = owner.get("/admin/owner/rule/preview/", {"item": "a"}).content.decode()
    before, after = page.split('id="after-name"')
    assert "Shirt c" in before
    assert "Shirt c" not in after
    assert "Shirt b" in after


def test_the_preview_of_an_unknown_item_says_so(owner: Client) -> None:
    page = owner.get("/admin/owner/rule/preview/", {"item": "zzz<b>"}).content.decode()
    assert "There is no item zzz&lt;b&gt; in the index." in page


def test_a_rule_about_nothing_that_is_sold_is_refused_with_the_names(owner: Client) -> None:
    Item.objects.filter(pk="a").update(category="Cats")
    form = {"kind": "never", "if_field": "category", "if_value": "cat", "then_field": "item_id", "then_value": "zzz"}
    page = owner.post("/admin/owner/rule/add/", {**form, "active": "on"}).content.decode()
    assert "There are: Cats" in page
    assert "There is no such item." in page
    assert "Say which items are never shown" not in page  # they are named, only wrongly
    assert not Rule.objects.exists()
    owner.post("/admin/owner/rule/add/", {**form, "if_value": "cats", "then_value": "b", "active": "on"})
    assert Rule.objects.count() == 1


@pytest.mark.parametrize(
    ("rule", "english", "russian"),
    [
        (
            NEVER_SHOES,
            "Never show shoes beside Dresses.",
            "Никогда не показывать категорию «shoes» рядом с категорией «Dresses».",
        ),
        (NEVER_DEAR, "Never show what costs more than 49.90.", "Никогда не показывать то, что дороже 49.90."),
        (SAME_CATEGORY, "Show only items of the same category.", "Показывать только товары той же категории."),
        (
            PIN,
            "Show the item other first beside items of the brand acme.",
            "Показывать товар other первым рядом с товарами марки «acme».",
        ),
        (BOOST, "Show first what is in stock.", "Показывать сначала то, что в наличии."),
        (
            Rule(kind="within", then_field="brand", if_field="category", if_value="Dogs"),
            "Show only items of the same brand beside Dogs.",
            "Показывать только товары той же марки рядом с категорией «Dogs».",
        ),
    ],
)
def test_a_rule_is_a_plain_sentence(rule: Rule, english: str, russian: str) -> None:
    with override("en"):
        assert str(rule) == english
    with override("ru"):
        assert str(rule) == russian


def test_the_form_has_examples_and_names_to_choose_from(owner: Client) -> None:
    Item.objects.filter(pk="a").update(category="Cats", brand="Acme")
    page = owner.get("/admin/owner/rule/add/").content.decode()
    labels = re.findall(r"<label[^>]*>\s*([^<:]+):", page)
    assert len(labels) == len(set(labels))
    assert '<th scope="row">Never show Cats beside Dogs.</th>' in page
    assert '<option value="Cats"></option><option value="Acme"></option>' in page
    assert page.count('list="rule-names"') == 2


def test_rules_are_tried_on_an_item_found_by_words(owner: Client) -> None:
    address = "/admin/owner/rule/preview/"
    page = owner.get(address, {"item": "SHIRT"}).content.decode()
    assert re.findall(r'href="\?item=(\w)">Shirt', page) == list("abcdef")
    page = owner.get(address, {"item": "shirt c"}).content.decode()
    assert 'id="before-name"' in page
    page = owner.get(address).content.decode()
    assert "Which one?" not in page
    assert "There is no item" not in page
