"""Builds with a learned head: no picture is read again for another one, and what it gives does not depend on the way there."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexing.build import build
from indexing.errors import WeightsError
from indexing.heads.head import DIM, KIND, Head, without_head
from indexing.heads.store import forget_head, keep_head
from indexing.index.file import load_index, save_index
from indexing.networks.choice import Choice
from indexing.networks.lite0 import LITE0, unit
from tests.indexing.build.builds import CountingEngine, Shop, names, use_small_network, without_run
from tests.indexing.small_networks import SMALL_VGG, seeded

WEIGHTS = seeded(1)
NETWORK = replace(SMALL_VGG, spec=LITE0.spec)


class LongEngine(CountingEngine):
    """Vectors of as many numbers as lite0's."""

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        return unit(np.resize(super().run(batch).T, (DIM, len(batch))).T)


def head(seed: int, weights: str = WEIGHTS.digest) -> Head:
    kernel = np.random.default_rng(seed).normal(size=(DIM, 3)).astype(np.float32)
    return Head(("bags", "belts", "caps"), kernel, np.zeros(3, np.float32), weights)


class HeadedShop(Shop):
    """A shop whose builds look for a head."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        super().__init__(folder)
        self.heads = folder / "heads"

    def file(self, **others: object) -> bytes:
        """What a build makes of the folder now."""
        self.build(heads=self.heads, **others)
        return without_run(self.index(), self.path.with_name("compared.pkl"))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> LongEngine:
    engine = LongEngine()
    use_small_network(monkeypatch, engine)
    monkeypatch.setattr(build, "choose_network", lambda *args: Choice(NETWORK, WEIGHTS, ()))
    return engine


@pytest.fixture
def shop(tmp_path: Path, engine: LongEngine) -> HeadedShop:
    shop = HeadedShop(tmp_path / "shop")
    shop.draw(*names(9))
    return shop


def test_vectors_get_the_block_and_the_manifest_its_name(shop: HeadedShop) -> None:
    bundled = (shop.file(), shop.index())[1].vectors.copy()
    keep_head(shop.heads, head(1))
    shop.file()
    index = shop.index()
    assert index.manifest["head"] == {"digest": head(1).digest, "categories": ["bags", "belts", "caps"]}
    assert index.manifest["dim"] == DIM + 3
    np.testing.assert_array_equal(index.vectors, head(1).applied(bundled))
    assert any("learned from 3 categories" in line for line in shop.log)


def test_another_head_reads_no_picture_and_gives_what_a_fresh_build_does(
    shop: HeadedShop, engine: LongEngine, tmp_path: Path
) -> None:
    keep_head(shop.heads, head(1))
    shop.file()
    read = engine.pictures
    keep_head(shop.heads, head(2))
    changed = shop.file()
    assert engine.pictures == read
    forget_head(shop.heads)
    forgotten = shop.file()
    assert engine.pictures == read
    fresh = HeadedShop(tmp_path / "fresh")
    fresh.draw(*names(9))
    assert fresh.file() == forgotten
    keep_head(fresh.heads, head(2))
    assert fresh.file(rebuild=True) == changed


def test_new_pictures_join_those_that_have_the_head(shop: HeadedShop, engine: LongEngine) -> None:
    keep_head(shop.heads, head(1))
    shop.file()
    read = engine.pictures
    shop.draw("new")
    shop.file()
    assert engine.pictures == read + 1
    own = without_head(np.asarray(shop.index().vectors))
    np.testing.assert_array_equal(shop.index().vectors, head(1).applied(own))


def test_nothing_changes_while_the_head_is_the_same(shop: HeadedShop) -> None:
    keep_head(shop.heads, head(1))
    shop.file()
    shop.file()
    assert shop.log[-1] == "Nothing has changed: the index stays as it is."


def test_a_head_of_other_weights_is_left_out(shop: HeadedShop) -> None:
    keep_head(shop.heads, head(1, weights="0" * 64))
    shop.file()
    assert shop.index().vectors.shape == (9, DIM)
    assert any("learned head is left out" in line for line in shop.log)


def test_a_missing_file_stops_the_build_in_one_line(shop: HeadedShop) -> None:
    keep_head(shop.heads, head(1)).unlink()
    with pytest.raises(WeightsError, match=r"\.npz cannot be read"):
        shop.file()


def test_an_index_that_lost_its_heads_name_is_computed_again(shop: HeadedShop, engine: LongEngine) -> None:
    keep_head(shop.heads, head(1))
    shop.file()
    index, read = load_index(shop.path), engine.pictures
    manifest = {**index.manifest, "head": "no head"}
    save_index(replace(index, vectors=np.array(index.vectors), manifest=manifest), shop.path)
    shop.file()
    assert engine.pictures == read + 9
    assert any("vectors of another length" in line for line in shop.log)
    assert KIND.stop < DIM < shop.index().vectors.shape[1]
