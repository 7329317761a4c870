"""A vector's precision is part of what it is: kept by the index, asked for by flag, never mixed."""

from typing import Any

import pytest

from indexing.build import build, reuse
from indexing.build.manifest import make_manifest
from indexing.errors import EngineError
from tests.indexing.build.builds import CountingEngine, Shop, use_small_network


class Engine(CountingEngine):
    """Gives what was asked for; asked for `auto`, bfloat16."""

    def __init__(self, precision: str) -> None:
        super().__init__()
        self.precision = "bfloat16" if precision == "auto" else precision


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The precisions that engines were asked for; the processor has units for both."""
    precisions: list[str] = []

    def make(*arguments: Any) -> Engine:
        precisions.append(arguments[-1])
        return Engine(arguments[-1])

    use_small_network(monkeypatch, CountingEngine())
    monkeypatch.setattr(build, "make_engine", make)
    monkeypatch.setattr(build, "usable_precisions", lambda: ("float32", "bfloat16"))
    monkeypatch.setattr(reuse, "usable_precisions", lambda: ("float32", "bfloat16"))
    return precisions


@pytest.fixture
def shop(tmp_path: Any, asked: list[str]) -> Shop:
    shop = Shop(tmp_path)
    shop.draw("a", "b", "c")
    return shop


def test_auto_takes_what_is_fastest_here_and_writes_it_down(shop: Shop, asked: list[str]) -> None:
    shop.build()
    assert shop.index().manifest["precision"] == "bfloat16"
    assert asked == ["auto", "bfloat16"]


def test_auto_keeps_the_precision_that_an_index_has(shop: Shop, asked: list[str]) -> None:
    shop.build(precision="float32")
    shop.draw("d")
    assert shop.build().computed == 1
    assert shop.index().manifest["precision"] == "float32"
    assert asked == ["float32", "float32"]


def test_another_precision_computes_every_vector_again_and_says_why(shop: Shop) -> None:
    shop.build(precision="float32")
    assert shop.build(precision="bfloat16").computed == 3
    assert any("another precision (float32)" in line for line in shop.log)
    assert shop.index().manifest["precision"] == "bfloat16"


def test_an_index_of_before_there_was_a_choice_is_float32(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    original = make_manifest

    def without(*arguments: Any) -> dict[str, Any]:
        return {key: value for key, value in original(*arguments).items() if key != "precision"}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "make_manifest", without)
        shop.build(precision="float32")
    assert shop.build(precision="float32", rebuild=False).computed == 0
    assert shop.build(precision="bfloat16").computed == 3


def test_a_machine_without_the_precision_computes_every_vector_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.build(precision="bfloat16")
    for module in (build, reuse):
        monkeypatch.setattr(module, "usable_precisions", lambda: ("float32",))
    assert shop.build().computed == 3
    assert shop.index().manifest["precision"] == "float32"


def test_what_was_interrupted_in_one_precision_is_not_taken_for_another(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    class Failing(Engine):
        def run(self, batch: Any) -> Any:
            if self.batches:
                raise EngineError("the power is gone")
            return super().run(batch)

    shop.draw("d", "e", "f")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "make_engine", lambda *arguments: Failing(arguments[-1]))
        with pytest.raises(EngineError):
            shop.build(precision="float32")
    assert shop.build(precision="bfloat16").computed == 6


def test_on_a_cluster_auto_is_float32_which_every_worker_can(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    class StopError(Exception):
        pass

    orders: list[str] = []

    def extract(units: Any, address: str, order: Any) -> Any:
        orders.append(order.precision)
        raise StopError

    monkeypatch.setattr("indexing.build.dask_build.extract_on_cluster", extract)
    with pytest.raises(StopError):
        shop.build(dask="tcp://nowhere:1")
    assert orders == ["float32"]


def test_an_engine_of_another_precision_than_the_index_is_refused(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "make_engine", lambda *arguments: Engine("bfloat16"))
    with pytest.raises(EngineError, match="computes in bfloat16, the index's vectors are in float32"):
        shop.build(precision="float32")


def test_an_unknown_precision_is_named_with_those_there_are(shop: Shop) -> None:
    with pytest.raises(EngineError, match="no precision 'int8': choose one of auto, float32, bfloat16"):
        shop.build(precision="int8")
