"""Drawing the catalogue: it can be made again, and what is committed is what the script makes."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from demo import make
from demo.catalogue import FOLDER, load
from demo.drawing import draw
from demo.glyphs import FONT

pytestmark = pytest.mark.skipif(not FONT.exists(), reason="Debian's fonts-noto-color-emoji is not installed")


def test_the_committed_catalogue_is_what_the_script_makes() -> None:
    entries = make.entries(make.COUNT, make.SEED)
    committed = load()
    assert [(entry.item_id, entry.title, entry.price) for entry in entries] == [
        (product.id, product.title, product.price) for product in committed.values()
    ]
    wordless = [entry for entry in entries if not entry.spec.print.text]  # other fonts may be installed elsewhere
    for entry in wordless[::75]:
        kept = cv2.imread(str(FOLDER / f"{entry.item_id}.jpg"))
        drawn = draw(entry.spec, make.SIDE)[..., ::-1]
        assert kept is not None
        assert np.abs(kept.astype(int) - drawn).mean() < 3  # what JPEG loses


def test_a_small_catalogue_is_written_and_replaces_an_older_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert make.main(["--count", "6", "--seed", "1", "--out", str(tmp_path)]) == 0
    assert make.main(["--count", "4", "--seed", "2", "--out", str(tmp_path)]) == 0
    assert {path.stem for path in tmp_path.glob("*.jpg")} == set(load(tmp_path))
    assert len(load(tmp_path)) == 4
    assert "4 previews" in capsys.readouterr().out


def test_a_missing_font_is_one_line_and_keeps_the_old_catalogue(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from demo import glyphs

    (tmp_path / "123456.jpg").write_bytes(b"old")
    monkeypatch.setattr(glyphs, "FONT", FONT.with_name("nowhere.ttf"))
    glyphs.emoji_font.cache_clear()
    glyphs.glyph.cache_clear()
    assert make.main(["--count", "5", "--out", str(tmp_path)]) == 1
    assert "fonts-noto-color-emoji" in capsys.readouterr().err
    assert (tmp_path / "123456.jpg").exists()
