"""What a build takes from the index that is there: all that still holds, and nothing else."""

from collections.abc import Callable

import cv2
import joblib
import numpy as np
import pytest

from indexing.build import build, pictures, reuse
from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.metrics import METRICS
from indexing.networks.choice import Choice
from tests.indexing.build.builds import (
    CountingEngine,
    Shop,
    names,
    picture,
    without_run,
)
from tests.indexing.small_networks import RESIDUAL, SMALL_VGG, seeded


def test_a_wrong_record_of_how_neighbours_were_found_stops_no_build(shop: Shop, engine: CountingEngine) -> None:
    shop.build()
    content = joblib.load(shop.path)
    content["manifest"]["neighbours"] = {"search": "approximate", "recall": ["a"], "k": float("nan")}
    joblib.dump(content, shop.path)
    shop.draw("new")
    pictures = engine.pictures
    shop.build()
    assert engine.pictures == pictures + 1
    assert shop.index().manifest["neighbours"] == {"search": "exact"}
    expected = all_neighbours(shop.index().vectors)
    np.testing.assert_array_equal(shop.index().neighbours["manhattan"].rows, expected["manhattan"].rows)


def test_a_second_build_computes_nothing_and_changes_nothing(shop: Shop, engine: CountingEngine) -> None:
    (shop.images / "page.jpg").write_bytes(b"<html>" * 500)
    shop.build()
    before, batches = shop.path.stat(), engine.batches
    shop.log.clear()
    report = shop.build()
    assert (report.items, report.unchanged, report.added, report.changed, report.removed, report.computed) == (
        10,
        10,
        0,
        0,
        0,
        0,
    )
    assert report.skipped.keys() == {"page"}
    assert engine.batches == batches
    assert not any("to compute" in line for line in shop.log)  # not even to find out again that a page is no picture
    assert (shop.path.stat().st_ino, shop.path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


def test_what_is_newly_skipped_is_written_though_no_vector_changes(shop: Shop, engine: CountingEngine) -> None:
    shop.build()
    before, seen = without_run(shop.index(), shop.path.with_name("first")), engine.pictures
    (shop.images / "page.jpg").write_bytes(b"<html>" * 500)
    assert shop.build().unchanged == 10
    assert shop.index().manifest["skipped"].keys() == {"page"}
    (shop.images / "page.jpg").unlink()
    shop.build()
    assert without_run(shop.index(), shop.path.with_name("second")) == before
    assert engine.pictures == seen


def test_only_what_is_new_is_computed_and_what_is_gone_is_dropped(shop: Shop, engine: CountingEngine) -> None:
    shop.build()
    before, old = engine.pictures, shop.index()
    kept = {item_id: old.vectors[row].copy() for item_id, row in old.rows.items()}
    (shop.images / "item-000.jpg").unlink()
    shop.draw("item-001", seed=9)
    shop.draw("item-900", "item-901")
    report = shop.build()
    assert (report.added, report.changed, report.removed, report.unchanged) == (2, 1, 1, 8)
    assert report.computed == engine.pictures - before == 3
    new = shop.index()
    assert new.item_ids == (*names(10)[1:], "item-900", "item-901")
    for item_id in names(10)[2:]:
        np.testing.assert_array_equal(new.vectors[new.rows[item_id]], kept[item_id])
    assert not np.array_equal(new.vectors[new.rows["item-001"]], kept["item-001"])
    np.testing.assert_array_equal(new.neighbours["manhattan"].rows, all_neighbours(np.array(new.vectors))["manhattan"].rows)
    np.testing.assert_array_equal(new.extras["thumbnails"][new.rows["item-005"]], old.extras["thumbnails"][5])


def add_two(shop: Shop) -> None:
    shop.draw("item-0505", "new")


def remove_one(shop: Shop) -> None:
    (shop.images / "item-050.jpg").unlink()


def swap_two(shop: Shop) -> None:
    """Both pictures are known, but not as these items'."""
    one, other = shop.images / "item-010.jpg", shop.images / "item-090.jpg"
    first, second = one.read_bytes(), other.read_bytes()
    one.write_bytes(second)
    other.write_bytes(first)


@pytest.mark.parametrize("change", [add_two, remove_one, swap_two])
def test_a_small_change_gives_the_neighbours_of_a_build_from_scratch(change: Callable[[Shop], None], shop: Shop) -> None:
    shop.draw(*names(120))
    shop.build()
    change(shop)
    shop.build()
    index = shop.index()
    for metric, found in all_neighbours(np.array(index.vectors)).items():
        np.testing.assert_array_equal(index.neighbours[metric].rows, found.rows)
        np.testing.assert_array_equal(index.neighbours[metric].distances, found.distances)


def test_a_renamed_preview_keeps_its_vector(shop: Shop, engine: CountingEngine) -> None:
    shop.build()
    before = engine.pictures
    (shop.images / "item-000.jpg").rename(shop.images / "renamed.jpg")
    report = shop.build()
    assert (report.added, report.removed, engine.pictures) == (1, 1, before)
    assert shop.index().item_ids == (*names(10)[1:], "renamed")


def test_rebuild_computes_everything_anew(shop: Shop, engine: CountingEngine) -> None:
    shop.build()
    before = engine.pictures
    report = shop.build(rebuild=True)
    assert (report.computed, engine.pictures - before) == (10, 10)
    assert (report.unchanged, report.added) == (10, 0)


class EngineOf(CountingEngine):
    def __init__(self, dim: int) -> None:
        super().__init__()
        self._dim = dim

    def run(self, batch: np.ndarray) -> np.ndarray:
        return np.repeat(super().run(batch)[:, :1], self._dim, axis=1)


@pytest.mark.parametrize(
    ("choice", "words"),
    [(Choice(RESIDUAL, seeded(1), ()), "another network (small-vgg)"), (Choice(SMALL_VGG, seeded(2), ()), "other weights")],
)
def test_an_index_of_another_network_is_rebuilt_wholly_and_says_so(
    choice: Choice, words: str, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.build()
    monkeypatch.setattr(build, "choose_network", lambda *_: choice)
    monkeypatch.setattr(build, "make_engine", lambda *_: EngineOf(choice.network.spec.dim))
    assert shop.build().computed == 10
    assert any(words in line for line in shop.log)
    assert shop.index().vectors.shape == (10, choice.network.spec.dim)


def test_vectors_of_another_length_are_computed_again(shop: Shop, engine: CountingEngine) -> None:
    shop.build()
    content = joblib.load(shop.path)
    content["vectors"] = np.ascontiguousarray(np.pad(content["vectors"], ((0, 0), (0, 1))))
    content["manifest"]["dim"] += 1
    joblib.dump(content, shop.path)
    assert shop.build().computed == 10
    assert "made with vectors of another length" in "".join(shop.log)


def test_a_damaged_old_index_is_named_and_replaced(shop: Shop) -> None:
    shop.path.parent.mkdir()
    shop.path.write_bytes(b"rubbish")
    assert shop.build().computed == 10
    assert any("cannot be used again" in line and str(shop.path) in line for line in shop.log)
    assert len(shop.index()) == 10


def test_after_a_change_of_decoders_what_is_no_jpeg_is_computed_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    clear = np.random.default_rng(3).integers(0, 256, (60, 60, 4), np.uint8)
    (shop.images / "cutout.jpg").write_bytes(bytes(cv2.imencode(".png", clear)[1]))
    shop.build()
    assert shop.build().computed == 0
    monkeypatch.setattr(reuse, "version", lambda package: "another")
    assert shop.build().computed == 1


def test_what_one_decoder_could_not_read_is_tried_with_another(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    (shop.images / "cut.jpg").write_bytes(picture("cut", 400)[:1500])
    shop.build()
    assert list(shop.index().manifest["skipped"]) == ["cut"]
    monkeypatch.setattr(pictures, "decode", lambda data: np.zeros((60, 60, 3), np.uint8))
    assert shop.build().computed == 0
    monkeypatch.setattr(reuse, "version", lambda package: "another")
    assert shop.build().computed == 1
    assert shop.index().rows.keys() == {"cut", *names(10)}


@pytest.mark.parametrize(
    ("part", "name", "note"),
    [
        ("extras", "thumbnails", "an older version of this program, without thumbnails"),
        ("manifest", "previews", "does not say which pictures its vectors came from"),
    ],
)
def test_an_index_that_lacks_what_a_build_needs_is_made_again(shop: Shop, part: str, name: str, note: str) -> None:
    shop.build()
    content = joblib.load(shop.path)
    del content[part][name]
    joblib.dump(content, shop.path)
    assert shop.build().computed == 10
    assert note in "".join(shop.log)


def test_neighbours_that_are_less_exact_than_asked_for_are_found_again(shop: Shop) -> None:
    shop.build()
    content = joblib.load(shop.path)
    recall = dict.fromkeys(METRICS, 0.99)
    content["manifest"]["neighbours"] = {"search": "approximate", "recall": recall, "k": 9, "queries": 10}
    content["neighbours"]["cosine"]["distances"][:] = 0
    joblib.dump(content, shop.path)
    report = shop.build(neighbours="exact")
    assert report.computed == 0
    assert shop.index().manifest["neighbours"] == {"search": "exact"}
    expected = all_neighbours(shop.index().vectors)["cosine"].distances
    np.testing.assert_array_equal(shop.index().neighbours["cosine"].distances, expected)
