"""What a build adds for the site: quantiles of distances, and additions that may fail without harm."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from indexing.build import build
from indexing.extras.quantiles import distance_quantiles
from indexing.extras.registry import ExtrasContext
from tests.indexing.build.builds import FEW_EXTRAS, CountingEngine, Shop, names, use_small_network


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    use_small_network(monkeypatch, CountingEngine())
    found = Shop(tmp_path)
    found.draw(*names(6))
    return found


def test_quantiles_of_a_handful_are_those_of_all_its_pairs() -> None:
    # On a line: distances 1, 2, 3, 1, 2, 1.
    found = distance_quantiles(np.array([[0, 5], [1, 5], [2, 5], [3, 5]], np.float32))
    assert found.keys() == {f"distance_quantiles_{metric}" for metric in ("cosine", "euclidean", "manhattan")}
    for metric in ("euclidean", "manhattan"):
        quantiles = found[f"distance_quantiles_{metric}"]
        assert quantiles.shape == (1001,)
        assert quantiles.dtype == np.float32
        assert quantiles[[0, 500, 1000]].tolist() == [1, 1.5, 3]
    assert found["distance_quantiles_cosine"][1000] == pytest.approx(1 - 5 / np.sqrt(34))


def test_quantiles_of_many_are_near_those_of_all_pairs_and_repeat() -> None:
    vectors = np.random.default_rng(0).random((400, 8), np.float32)
    found = distance_quantiles(vectors)["distance_quantiles_euclidean"]
    pairs = np.sqrt(((vectors[:, None] - vectors[None]) ** 2).sum(axis=2))[np.triu_indices(400, 1)]
    np.testing.assert_allclose(found[100:901:100], np.quantile(pairs, np.arange(0.1, 0.91, 0.1)), rtol=0.03)
    np.testing.assert_array_equal(found, distance_quantiles(vectors)["distance_quantiles_euclidean"])


def test_a_zero_vector_is_at_cosine_distance_one_from_all() -> None:
    quantiles = distance_quantiles(np.array([[0, 0], [1, 0]], np.float32))["distance_quantiles_cosine"]
    assert set(quantiles.tolist()) == {1.0}


def test_one_item_has_no_pairs() -> None:
    assert distance_quantiles(np.ones((1, 3), np.float32)) == {}


def test_an_extra_sees_the_build_and_its_arrays_are_kept(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def sizes(context: ExtrasContext) -> dict[str, NDArray[Any]]:
        assert context.item_ids == tuple(names(6))
        assert context.vectors.shape == (6, 24)
        assert context.thumbnails.shape == (6, 48, 48, 3)
        assert context.neighbours["cosine"].rows.shape == (6, 5)
        return {"file_sizes": np.array([path.stat().st_size for path in context.paths])}

    monkeypatch.setattr(build, "EXTRAS", [sizes])
    report = shop.build()
    assert report.notes == []
    assert shop.index().extras["file_sizes"].tolist() == [(shop.images / f"{name}.jpg").stat().st_size for name in names(6)]


def test_an_extra_that_fails_is_reported_and_left_out(
    shop: Shop, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def colours(context: ExtrasContext) -> dict[str, NDArray[Any]]:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr(build, "EXTRAS", [colours, *FEW_EXTRAS])
    report = shop.build()
    assert report.notes == ["colours failed (ZeroDivisionError: division by zero) and is left out"]
    assert "thumbnails" in shop.index().extras
    assert "colours failed" in caplog.text


def test_an_extra_that_failed_or_is_new_is_computed_by_the_next_build(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def ones(context: ExtrasContext) -> dict[str, NDArray[Any]]:
        return {"ones": np.ones(len(context.item_ids))}

    shop.build()
    monkeypatch.setattr(build, "EXTRAS", [*FEW_EXTRAS, ones])
    assert shop.build().computed == 0
    assert shop.index().extras["ones"].shape == (6,)
    assert shop.index().manifest["extras"] == ["thumbnails", "ones"]


def test_an_extra_sees_what_the_index_before_held_in_the_new_order(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[NDArray[np.float32] | None] = []

    def numbers(context: ExtrasContext) -> dict[str, NDArray[Any]]:
        seen.append(context.previous_array("numbers"))
        return {"numbers": np.arange(len(context.item_ids), dtype=np.float32)}

    monkeypatch.setattr(build, "EXTRAS", [*FEW_EXTRAS, numbers])
    shop.build()
    (shop.images / f"{names(6)[0]}.jpg").unlink()
    shop.draw("zzz")
    shop.build()
    assert seen[0] is None
    assert seen[1] is not None
    np.testing.assert_array_equal(seen[1], [1, 2, 3, 4, 5, np.nan])
