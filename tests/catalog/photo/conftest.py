"""A busy machine is not what these tests are about: the network may take its time."""

import pytest

from catalog.photo import inference_pool


@pytest.fixture(autouse=True)
def _patient_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inference_pool, "TIMEOUT_S", 600.0)
