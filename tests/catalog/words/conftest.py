"""A site whose index was built from pictures by an encoder with a text tower: `build_index --network onnx:…`, the real way."""

from collections.abc import Callable, Iterator
from io import StringIO
from pathlib import Path

import cv2
import numpy as np
import pytest
from django.conf import settings
from django.core.management import call_command

from catalog.photo import inference_pool
from catalog.words import vectors
from indexing import query
from indexing.build import build
from indexing.extras.registry import EXTRAS
from tests.catalog.builders import add_item
from tests.indexing.encoders import tiny_encoders

# name: blue, green, red
ITEMS = {
    "crimson": (30, 20, 220),
    "scarlet": (20, 60, 250),
    "navy": (150, 20, 20),
    "sky": (250, 150, 60),
    "grass": (30, 200, 40),
    "olive": (20, 120, 100),
    "violet": (220, 30, 200),
}
MakeSite = Callable[[Callable[[Path], Path]], None]


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(inference_pool, "TIMEOUT_S", 600.0)
    monkeypatch.setattr(inference_pool, "_pool", None)
    vectors._cache.clear()
    yield
    query.close_network()


@pytest.fixture
def make_site(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> MakeSite:
    """Build the site's index with the encoder that a function puts into a folder."""

    def make(encoder: Callable[[Path], Path]) -> None:
        monkeypatch.setattr(build, "EXTRAS", EXTRAS[:1])
        for name, bgr in ITEMS.items():
            add_item(name, title=f"{name.capitalize()} thing", category="dark" if name in ("navy", "olive") else "light")
            picture = cv2.imencode(".jpg", np.full((96, 96, 3), bgr, np.uint8))[1].tobytes()
            (settings.IMAGES_DIR / f"{name}.jpg").write_bytes(picture + bytes(1000))
        network = f"onnx:{encoder(tmp_path / 'encoder')}"
        call_command("build_index", "--network", network, "--threads", "1", verbosity=0, stdout=StringIO())

    return make


@pytest.fixture
def words_site(make_site: MakeSite) -> None:
    """The site, made with a CLIP-shaped encoder."""
    make_site(tiny_encoders.clip)
