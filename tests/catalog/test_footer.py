"""The footer says which network made the vectors and whether it is trained."""

from typing import Any

import pytest
from django.test import Client

from tests.catalog.builders import MANIFEST, make_index, write_index

NOTICE = "The vectors come from an untrained network"


def page(client: Client, **manifest: Any) -> str:
    write_index(make_index(manifest={**MANIFEST, **manifest}))
    return client.get("/items/a/").content.decode()


@pytest.mark.parametrize(
    ("network", "label", "words"),
    [
        ("vgg16", "imagenet", "VGG-16, ImageNet weights"),
        ("vgg16", "file", "VGG-16, weights from a file"),
        ("vgg16", "random", "VGG-16, untrained"),
        ("compact", "bundled", "compact network (bundled)"),
    ],
)
def test_names_the_network(client: Client, db: None, network: str, label: str, words: str) -> None:
    assert words in page(client, network=network, weights={"label": label})


def test_names_the_articles_file_unknown(client: Client, db: None) -> None:
    assert "unknown network" in page(client, network="unknown", weights="unknown")


def test_untrained_vectors_are_a_visible_notice(client: Client, db: None) -> None:
    assert NOTICE in page(client, weights={"label": "random"})


def test_trained_vectors_need_no_notice(client: Client, db: None) -> None:
    assert NOTICE not in page(client)


def test_the_compact_network_says_how_to_move_on(client: Client, db: None) -> None:
    assert "build_index --network vgg16 --weights imagenet" in page(client, network="compact", weights={"label": "bundled"})


def test_counts_and_dates_the_index(client: Client, db: None) -> None:
    html = page(client)
    assert "6 items compared" in html
    assert "index of 2 November 2026" in html


def test_without_an_index_it_says_so(client: Client, db: None) -> None:
    assert "No index yet." in client.get("/items/").content.decode()
