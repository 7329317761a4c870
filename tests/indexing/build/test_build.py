"""A build: every readable preview gets its vector, once; what is left out is named; rebuilding computes only what is new."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from imaging.decoding import decode
from indexing.build import build, pipeline
from indexing.errors import EngineError, ImagesError
from indexing.index.file import load_index
from indexing.nearest.all_pairs import all_neighbours
from indexing.networks.choice import Choice
from tests.indexing.build.builds import (
    BATCH,
    FEW_EXTRAS,
    CountingEngine,
    Shop,
    names,
    picture,
    small_choice,
    use_small_network,
    without_run,
)
from tests.indexing.small_networks import SMALL_VGG, seeded


def test_each_preview_has_its_own_vector_in_the_order_of_ids(shop: Shop) -> None:
    shop.draw("Z", "a")
    report = shop.build()
    index = shop.index()
    assert report.items == report.added == report.computed == 12
    assert index.item_ids == ("Z", "a", *names(10))
    pictures = [decode((shop.images / f"{item_id}.jpg").read_bytes()) for item_id in index.item_ids]
    prepared = np.stack([SMALL_VGG.prepare(found) for found in pictures if found is not None])
    expected = np.concatenate([CountingEngine().run(prepared[at : at + BATCH]) for at in range(0, 12, BATCH)])
    np.testing.assert_array_equal(index.vectors, expected)
    np.testing.assert_array_equal(index.neighbours["cosine"].rows, all_neighbours(expected)["cosine"].rows)


def test_the_index_says_how_its_neighbours_were_found(shop: Shop) -> None:
    shop.build()
    assert shop.index().manifest["neighbours"] == {"search": "exact"}


def test_float16_halves_the_vectors_and_keeps_the_neighbours_of_what_it_keeps(shop: Shop, engine: CountingEngine) -> None:
    shop.build()
    whole, pictures = shop.index(), engine.pictures
    shop.build(store="float16")
    half = shop.index()
    assert half.vectors.dtype == np.float16
    np.testing.assert_array_equal(half.vectors, whole.vectors.astype(np.float16))
    expected = all_neighbours(half.vectors.astype(np.float32))
    for metric in ("cosine", "manhattan"):
        np.testing.assert_array_equal(half.neighbours[metric].distances, expected[metric].distances)
    assert engine.pictures == pictures  # what is kept more exactly is only rounded
    shop.build(store="float16")
    assert shop.log[-1].startswith("Nothing has changed")
    shop.draw("new")
    shop.build(store="float16")
    assert engine.pictures == pictures + 1
    shop.build()  # and the other way round everything is made again
    assert "vectors kept as float16" in "".join(shop.log)
    np.testing.assert_array_equal(shop.index().vectors[:10], whole.vectors)


def test_numbers_that_float16_cannot_keep_are_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    run = CountingEngine.run
    monkeypatch.setattr(CountingEngine, "run", lambda self, batch: run(self, batch) * np.float32(1e4))
    with pytest.raises(EngineError, match="too large for float16: build with --store float32"):
        shop.build(store="float16")


def test_large_arrays_are_gathered_in_a_file_and_give_the_same_index(
    shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop.build()
    in_memory = without_run(shop.index(), tmp_path / "memory.pkl")
    shop.path.unlink()
    monkeypatch.setattr(build, "IN_MEMORY", 1)
    shop.build()
    assert without_run(shop.index(), tmp_path / "file.pkl") == in_memory
    assert sorted(path.name for path in shop.path.parent.iterdir()) == ["items.pkl", "items.pkl.lock"]


def test_thumbnails_are_rgb(shop: Shop) -> None:
    blue = np.zeros((60, 60, 3), np.uint8)
    blue[:, :, 0] = 255  # BGR
    (shop.images / "blue.jpg").write_bytes(cv2.imencode(".jpg", blue)[1].tobytes() + bytes(1000))
    shop.build()
    thumbnail = shop.index().extras["thumbnails"][shop.index().rows["blue"]]
    assert thumbnail.shape == (48, 48, 3)
    assert thumbnail[24, 24, 2] > 240
    assert thumbnail[24, 24, 0] < 15


def test_what_cannot_be_used_is_skipped_with_its_reason(shop: Shop) -> None:
    (shop.images / "small.jpg").write_bytes(picture("small")[:500])
    (shop.images / "page.jpg").write_bytes(b"<html>" * 500)
    (shop.images / "cut.jpg").write_bytes(picture("cut", 400)[:1500])
    (shop.images / "bad name.jpg").write_bytes(picture("bad"))
    (shop.images / "notes.txt").write_text("hello")
    (shop.images / "folder.jpg").mkdir()
    (shop.images / ".item-003.jpg.part").write_bytes(b"half")
    report = shop.build()
    assert report.items == 10
    reasons = {
        "small": "500 bytes, fewer than --min-bytes 1000",
        "page": "not a JPEG",
        "cut": "damaged",
        "bad name.jpg": "not an ItemID",
        "notes.txt": "not named <ItemID>.jpg",
        "folder": "not a file",
    }
    assert report.skipped.keys() == reasons.keys()
    for name, reason in reasons.items():
        assert reason in report.skipped[name]
    assert shop.index().manifest["skipped"] == dict(sorted(report.skipped.items()))


def test_min_bytes_is_the_articles_filter_when_asked_for(shop: Shop) -> None:
    (shop.images / "large.jpg").write_bytes(picture("large") + bytes(10_000))
    assert shop.build(min_bytes=10_000).items == 1


def test_the_manifest_says_what_made_the_vectors(shop: Shop) -> None:
    shop.build()
    manifest = shop.index().manifest
    assert manifest["format_version"] == 1
    assert (manifest["network"], manifest["layer"], manifest["preprocessing"]) == ("small-vgg", "fc2", "test")
    assert (manifest["items"], manifest["dim"], manifest["engine"], manifest["trained"]) == (10, 24, "fake", False)
    assert manifest["weights"]["digest"] == seeded(1).digest
    assert list(manifest["previews"]) == names(10)
    assert all(len(digest) == 64 for digest in manifest["previews"].values())
    assert manifest["built"]["computed"] == 10
    assert manifest["versions"]["numpy"] == np.__version__


def test_equal_pictures_are_computed_once(shop: Shop, engine: CountingEngine) -> None:
    for item_id in ("copy-1", "copy-2"):
        (shop.images / f"{item_id}.jpg").write_bytes((shop.images / "item-004.jpg").read_bytes())
    report = shop.build()
    assert (report.items, report.computed, engine.pictures) == (12, 10, 10)
    index = shop.index()
    np.testing.assert_array_equal(index.vectors[index.rows["copy-2"]], index.vectors[index.rows["item-004"]])


def test_a_preview_that_changes_between_scan_and_reading_gets_the_vector_of_what_was_read(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = shop.images / "item-003.jpg"
    read = pipeline.read_job

    def change_first(job: pipeline.Job) -> bytes | None:
        if job.path == path and path.read_bytes() != picture("other"):
            path.write_bytes(picture("other"))
        return read(job)

    monkeypatch.setattr(pipeline, "read_job", change_first)
    assert shop.build().items == 10
    changed = shop.index()
    monkeypatch.undo()
    use_small_network(monkeypatch, CountingEngine())
    shop.build(index=shop.path.with_name("again"), rebuild=True)
    again = load_index(shop.path.with_name("again"))
    assert changed.manifest["previews"] == again.manifest["previews"]
    np.testing.assert_allclose(changed.vectors, again.vectors, rtol=1e-5)


def test_a_preview_that_never_stops_changing_is_skipped(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    path = shop.images / "item-003.jpg"
    read = pipeline.read_job

    def change_always(job: pipeline.Job) -> bytes | None:
        if job.path == path:
            path.write_bytes(path.read_bytes() + b"more")
        return read(job)

    monkeypatch.setattr(pipeline, "read_job", change_always)
    report = shop.build()
    assert report.items == 9
    assert "changed again and again" in report.skipped["item-003"]


def test_a_missing_folder_names_itself_and_the_way_out(shop: Shop, tmp_path: Path) -> None:
    with pytest.raises(ImagesError, match=f"no folder of previews {tmp_path / 'nowhere'}.*manage.py scrape"):
        shop.build(images=tmp_path / "nowhere")


def test_an_empty_folder_names_itself_and_the_way_out(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(ImagesError, match=f"no preview .* in {tmp_path / 'empty'}.*manage.py scrape"):
        shop.build(images=tmp_path / "empty")


def test_not_one_readable_preview_is_a_failure_that_leaves_the_old_index(shop: Shop) -> None:
    shop.build()
    before = shop.path.read_bytes()
    for item_id in names(10):
        (shop.images / f"{item_id}.jpg").write_bytes(b"<html>" * 500)
    with pytest.raises(ImagesError, match=r"Not one preview .* 10 skipped, item-000: not a JPEG"):
        shop.build()
    assert shop.path.read_bytes() == before


def test_numbers_that_are_not_finite_stop_the_build(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    class Broken(CountingEngine):
        def run(self, batch: np.ndarray) -> np.ndarray:
            return super().run(batch) * np.nan

    monkeypatch.setattr(build, "make_engine", lambda *_: Broken())
    with pytest.raises(EngineError, match="not finite"):
        shop.build()
    assert not shop.path.exists()


def test_the_engine_is_closed_whatever_happens(shop: Shop, engine: CountingEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: int) -> None:
        raise EngineError("no")

    monkeypatch.setattr(engine, "_before", refuse)
    with pytest.raises(EngineError):
        shop.build()
    assert engine.closed


def test_nothing_is_left_beside_a_finished_index_but_its_lock(shop: Shop) -> None:
    shop.build()
    assert sorted(path.name for path in shop.path.parent.iterdir()) == ["items.pkl", "items.pkl.lock"]


def test_the_real_choice_and_engine_are_what_a_build_uses(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[object, ...]] = []

    def choose(*how: object) -> Choice:
        asked.append(how)
        return small_choice()

    def make(*how: object) -> CountingEngine:
        asked.append(how[:1] + how[3:])
        return CountingEngine()

    monkeypatch.setattr(build, "choose_network", choose)
    monkeypatch.setattr(build, "make_engine", make)
    monkeypatch.setattr(build, "EXTRAS", FEW_EXTRAS)
    shop = Shop(tmp_path)
    shop.draw("a")
    shop.build(network="vgg16", weights="random", seed=7, engine="mnn", threads=3, batch_size=5)
    assert asked == [("vgg16", "random", 7, shop.cache), ("mnn", 3, shop.cache, 5, "float32")]
