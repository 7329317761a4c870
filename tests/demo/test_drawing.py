"""Drawn shirts: repeatable, and what the spec says."""

from dataclasses import replace

import numpy as np
import pytest

from demo.drawing import (
    EMOJI_FAMILIES,
    FABRICS,
    GROUNDS,
    FontMissingError,
    Print,
    ShirtSpec,
    all_glyphs,
    draw,
    random_spec,
    restyle,
)
from demo.glyphs import FONT

needs_font = pytest.mark.skipif(not FONT.exists(), reason="Debian's fonts-noto-color-emoji is not installed")
FONT_FREE = ("stripes", "camouflage", "dots", "checks", "tie-dye", "geometric", "text")
PLAIN = ShirtSpec(cut="regular", fabric="red", ground="white", print=Print("plain", "plain"), seed=3)


def shirt(family: str, seed: int) -> ShirtSpec:
    return random_spec(np.random.default_rng(seed), family)


@pytest.mark.parametrize("family", ["stripes", "camouflage"])
def test_the_same_seed_gives_the_same_pixels(family: str) -> None:
    assert shirt(family, 5) == shirt(family, 5)
    assert np.array_equal(draw(shirt(family, 5), 96), draw(shirt(family, 5), 96))


@needs_font
def test_the_same_seed_gives_the_same_pixels_with_a_picture() -> None:
    assert np.array_equal(draw(shirt("cats", 5), 96), draw(shirt("cats", 5), 96))


@pytest.mark.parametrize("family", FONT_FREE)
def test_another_seed_gives_another_shirt(family: str) -> None:
    difference = draw(shirt(family, 1), 64).astype(int) - draw(shirt(family, 2), 64)
    assert np.abs(difference).mean() > 5


@pytest.mark.parametrize("size", [64, 97, 250])
def test_a_drawing_has_the_size_asked_for(size: int) -> None:
    picture = draw(PLAIN, size)
    assert picture.shape == (size, size, 3)
    assert picture.dtype == np.uint8


@pytest.mark.parametrize("fabric", ["red", "white", "black", "green"])
def test_cloth_has_its_colour_and_lies_on_its_ground(fabric: str) -> None:
    picture = draw(replace(PLAIN, fabric=fabric), 120).astype(float)
    chest = picture[50:70, 50:70].reshape(-1, 3).mean(axis=0)
    corner = picture[:8, :8].reshape(-1, 3).mean(axis=0)
    assert np.abs(chest - FABRICS[fabric]).max() < 40
    assert np.abs(corner - GROUNDS["white"]).max() < 12


def test_folds_follow_the_seed_and_leave_the_ground_alone() -> None:
    one, other = draw(PLAIN, 120).astype(int), draw(replace(PLAIN, seed=4), 120).astype(int)
    assert np.abs(one - other)[40:90, 40:80].mean() > 1
    assert np.abs(one - other)[:6].max() <= 2  # the shadow reaches a little way


def test_a_print_stays_on_the_chest() -> None:
    bare = draw(PLAIN, 120).astype(int)
    printed = draw(replace(PLAIN, print=Print("text", "words", text=("HELLO",), inks=((0, 0, 0),) * 2)), 120).astype(int)
    changed = np.argwhere(np.abs(bare - printed).max(axis=2) > 60)
    assert len(changed) > 50
    assert changed[:, 0].min() > 30
    assert changed[:, 0].max() < 90
    assert changed[:, 1].min() > 30
    assert changed[:, 1].max() < 90


def test_restyle_keeps_print_and_cloth() -> None:
    spec = shirt("stripes", 8)
    other = restyle(np.random.default_rng(9), spec)
    assert (other.print, other.fabric) == (spec.print, spec.fabric)
    assert other != spec


def test_an_unknown_family_is_refused() -> None:
    with pytest.raises(KeyError, match="dragons"):
        random_spec(np.random.default_rng(0), "dragons")


def test_without_the_font_a_picture_print_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.glyphs.FONT", FONT.with_name("nowhere.ttf"))
    from demo import glyphs

    glyphs.emoji_font.cache_clear()
    glyphs.glyph.cache_clear()
    with pytest.raises(FontMissingError, match="fonts-noto-color-emoji"):
        draw(shirt("cats", 5), 64)


@needs_font
def test_glyphs_have_names_and_groups_and_no_flags_or_skin_tones() -> None:
    glyphs = {glyph: (name, group) for glyph, name, group in all_glyphs()}
    assert glyphs["🐈"] == ("cat", "animal")
    assert glyphs["🍎"][1] == "food"
    assert len(glyphs) > 1000
    assert not {chr(0x1F1E6), chr(0x1F3FB), "1", "#"} & set(glyphs)
    assert {glyph for family in EMOJI_FAMILIES.values() for glyph in family} <= set(glyphs)


@needs_font
def test_given_glyphs_stand_in_for_the_familys_own() -> None:
    rng = np.random.default_rng(1)
    used = {glyph for _ in range(20) for glyph in random_spec(rng, glyphs=["🦖", "🦕"]).print.glyphs}
    assert used == {"🦖", "🦕"}
