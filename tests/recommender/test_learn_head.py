"""`learn_head`: categories in, scores out, and a head for the next build only where it wins."""

from dataclasses import replace
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from catalog.models import Item
from indexing.heads.head import DIM, NETWORK, Head
from indexing.heads.store import current_head
from indexing.index.file import load_index, save_index
from indexing.index.optional_parts import checked_manifest
from indexing.index.record import FORMAT_VERSION, Index
from indexing.networks.lite0 import LITE0
from tests.catalog.builders import SEEN, neighbours_of
from tests.indexing.heads.synthetic import vectors

pytestmark = pytest.mark.django_db
CATEGORIES = ["bags", "belts"] * 30
IDS = tuple(f"item-{number:02}" for number in range(60))
MANIFEST = {
    "format_version": FORMAT_VERSION,
    "network": NETWORK,
    "preprocessing": LITE0.spec.preprocessing,
    "weights": {"label": "bundled", "digest": "abc"},
}


@pytest.fixture(autouse=True)
def index(settings: Settings, tmp_path: Path) -> Path:
    """A catalogue of two categories that lite0's vectors tell apart."""
    settings.HEADS_DIR = tmp_path / "heads"
    settings.INDEX_PATH = tmp_path / "items.pkl"
    own = vectors(CATEGORIES)
    few = neighbours_of(own)
    save_index(Index(IDS, {item_id: row for row, item_id in enumerate(IDS)}, own, few, MANIFEST), settings.INDEX_PATH)
    Item.objects.bulk_create(
        [Item(item_id=item_id, category=name, last_seen=SEEN) for item_id, name in zip(IDS, CATEGORIES, strict=True)]
    )
    path: Path = settings.INDEX_PATH
    return path


def learn(*arguments: str) -> str:
    out = StringIO()
    call_command("learn_head", *arguments, stdout=out)
    return out.getvalue()


def test_a_better_head_is_kept_for_the_next_build_and_can_be_forgotten(index: Path, settings: Settings) -> None:
    before = index.read_bytes()
    out = learn("--index", str(index))
    assert [line.split()[:2] for line in out.splitlines()[:4]] == [
        ["category", "products"], ["bags", "30"], ["belts", "30"], ["all", "products"],
    ]  # fmt: skip
    assert "The learned head is better: +" in out
    assert "Next: manage.py build_index --network lite0" in out
    assert index.read_bytes() == before
    head = current_head(settings.HEADS_DIR)
    assert head is not None
    assert (head.categories, head.weights) == (("bags", "belts"), "abc")
    assert "forgotten" in learn("--forget")
    assert current_head(settings.HEADS_DIR) is None
    assert learn("--forget") == "No head was learned.\n"


def test_it_learns_from_the_networks_own_vectors_whatever_head_the_index_has(index: Path, settings: Settings) -> None:
    loaded = load_index(index)
    weights = np.random.default_rng(6).normal(size=(DIM, 3)).astype(np.float32)
    other = Head(("x", "y", "z"), weights, np.zeros(3, np.float32), "abc")
    learn("--index", str(index))
    first = current_head(settings.HEADS_DIR)
    headed = other.applied(np.array(loaded.vectors))
    save_index(replace(loaded, vectors=headed, manifest={**MANIFEST, "head": other.manifest()}), index)
    learn("--index", str(index))
    again = current_head(settings.HEADS_DIR)
    assert first is not None
    assert again is not None
    assert again.digest == first.digest


def test_random_labels_leave_what_is_there(index: Path, settings: Settings, tmp_path: Path) -> None:
    labels = tmp_path / "labels.csv"
    shuffled = np.random.default_rng(3).permutation(CATEGORIES)
    labels.write_text("id,label\n" + "".join(f"{item_id},{name}\n" for item_id, name in zip(IDS, shuffled, strict=True)))
    out = learn("--index", str(index), "--labels", str(labels))
    assert "not better by more than chance" in out
    assert "Kept" not in out
    assert not settings.HEADS_DIR.exists()


def test_variants_of_one_product_count_once(index: Path) -> None:
    Item.objects.filter(pk__in=[f"item-{number:02}" for number in range(0, 20, 2)]).update(group_id="one bag")
    Item.objects.filter(pk__gte="item-44").update(category="")
    out = learn("--index", str(index))
    assert [line.split()[:2] for line in out.splitlines()[1:3]] == [["belts", "22"], ["bags", "13"]]


def test_names_of_categories_are_such_as_an_index_keeps(index: Path, settings: Settings) -> None:
    Item.objects.filter(category="bags").update(category="hand\u00a0bags ")
    learn("--index", str(index))
    head = current_head(settings.HEADS_DIR)
    assert head is not None
    kept, left_out = checked_manifest({"head": head.manifest()}, 60, head.dim)
    assert left_out == []
    assert kept["head"]["categories"] == ["belts", "hand bags"]


def test_an_index_of_another_network_is_refused(index: Path) -> None:
    loaded = load_index(index)
    manifest = {**loaded.manifest, "network": "vgg16"}
    save_index(Index(IDS, loaded.rows, np.array(loaded.vectors), loaded.neighbours, manifest), index)
    with pytest.raises(CommandError, match=r"made by vgg16, and a head goes on lite0: build_index --network lite0\."):
        learn("--index", str(index))


def test_a_catalogue_without_categories_is_refused(index: Path) -> None:
    Item.objects.update(category="")
    with pytest.raises(CommandError, match="Nothing to learn from"):
        learn("--index", str(index))
