"""The footer is a shopper's: how many things, what they are compared by; no networks, no commands."""

from typing import Any

import pytest
from django.test import Client

from catalog.browse.facets import forget_facets
from catalog.models import Item
from tests.catalog.builders import MANIFEST, add_items, make_index, write_index

NOTICE = "The vectors come from an untrained network"


def page(client: Client, **manifest: Any) -> str:
    write_index(make_index(manifest={**MANIFEST, **manifest}))
    return client.get("/items/a/").content.decode()


def footer(html: str) -> str:
    return html.split('<footer class="site-footer">')[1].split("</footer>")[0]


def test_untrained_vectors_are_a_visible_notice(client: Client, db: None) -> None:
    assert NOTICE in page(client, weights={"label": "random"})


def test_trained_vectors_need_no_notice(client: Client, db: None) -> None:
    assert NOTICE not in page(client)


@pytest.mark.parametrize(("network", "label"), [("vgg16", "imagenet"), ("vgg16", "random"), ("compact", "bundled")])
def test_counts_things_in_a_shoppers_words(client: Client, db: None, network: str, label: str) -> None:
    text = footer(page(client, network=network, weights={"label": label}))
    assert "6 things, compared by what their pictures show" in text
    assert not any(word in text for word in ("network", "VGG", "manage.py", "index"))


def test_without_an_index_it_says_so(client: Client, db: None) -> None:
    assert "Nothing is compared yet." in footer(client.get("/items/").content.decode())


def test_a_hidden_item_is_counted_nowhere(client: Client, db: None) -> None:
    write_index()
    add_items()
    Item.objects.filter(pk="f").update(hidden=True)
    forget_facets()
    html = client.get("/items/").content.decode()
    assert "5 things, compared" in footer(html)
    assert "5 items on sale" in html
