"""A shop of ten pictures, built by an engine that counts what it is asked for. Files with another shop define their own."""

from pathlib import Path

import pytest

from tests.indexing.build.builds import CountingEngine, Shop, names, use_small_network


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> CountingEngine:
    found = CountingEngine()
    use_small_network(monkeypatch, found)
    return found


@pytest.fixture
def shop(tmp_path: Path, engine: CountingEngine) -> Shop:
    found = Shop(tmp_path)
    found.draw(*names(10))
    return found
