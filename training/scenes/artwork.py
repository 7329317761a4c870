"""Artwork for prints: drawings of the demo's kind, posterised or plain parts of photos, scribbles; and how it is printed."""

from dataclasses import dataclass
from functools import cache
from typing import Final

import cv2
import numpy as np

from demo.compose import chest
from demo.drawing import EMOJI_FAMILIES, FABRICS, all_glyphs
from demo.spec import random_print
from training.drawings import HELD_OUT
from training.scenes.sources import Picture, Sources, part

SIDE: Final = 160
TRIES: Final = 6


@dataclass(frozen=True)
class Artwork:
    """colour: BGR float32 (h, w, 3), 0 … 255; alpha: float32 (h, w), 0 … 1."""

    colour: Picture
    alpha: Picture


@cache
def printable() -> tuple[str, ...]:
    """Every emoji but those held out."""
    held = {glyph for glyphs in HELD_OUT.values() for glyph in glyphs}
    return tuple(character for character, _, _ in all_glyphs() if character not in held)


def artwork(rng: np.random.Generator, sources: Sources, base: Picture) -> Artwork:
    """Artwork by chance for a cloth of the colour `base` (BGR)."""
    kind = rng.uniform()
    if kind < 0.60:
        return _drawn(rng, base) or _scribble(rng)
    if kind < 0.80:
        return _inked(rng, sources)
    return _plain(rng, sources) if kind < 0.90 else _scribble(rng)


def _drawn(rng: np.random.Generator, base: Picture) -> Artwork | None:
    """A chest print of the demo's kind: a slogan, or emoji."""
    fabric = min(FABRICS, key=lambda name: sum(abs(a - b) for a, b in zip(FABRICS[name], base[::-1], strict=True)))
    for _ in range(TRIES):
        text = rng.uniform() < 1 / (1 + len(EMOJI_FAMILIES))
        glyphs = None if text else [printable()[i] for i in rng.choice(len(printable()), 6, replace=False)]
        drawn = chest(random_print(rng, "text" if text else "picture", fabric, glyphs))
        if drawn is None:
            continue
        sheet = np.asarray(drawn[0], dtype=np.float32)
        rows, columns = np.nonzero(sheet[..., 3] > 0.1)
        if len(rows) < 30:
            continue
        sheet = sheet[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
        alpha = sheet[..., 3]
        return Artwork(255 * sheet[..., 2::-1] / np.maximum(alpha[..., None], 1e-3), alpha)
    return None


def _photo_part(rng: np.random.Generator, sources: Sources) -> Picture:
    height = int(SIDE * rng.uniform(0.6, 1.4))
    photo = sources.photo(rng, sources.tops if rng.uniform() < 0.5 else sources.grounds)
    return part(rng, photo, (height, SIDE), 0.25).astype(np.float32)


def _disc(shape: tuple[int, ...]) -> Picture:
    height, width = shape[:2]
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    away = np.hypot((columns - width / 2) / (width / 2), (rows - height / 2) / (height / 2))
    return np.asarray(away < 1, dtype=np.float32)


def _inked(rng: np.random.Generator, sources: Sources) -> Artwork:
    """A photo in a few inks, one of them the bare cloth."""
    grey = cv2.cvtColor(_photo_part(rng, sources).astype(np.uint8), cv2.COLOR_BGR2GRAY)
    levels = np.clip(np.searchsorted(np.quantile(grey, (0.3, 0.55, 0.8)), grey), 0, 3)
    alpha = (levels != rng.integers(4)).astype(np.float32)
    if rng.uniform() < 0.6:
        alpha *= _disc(alpha.shape)
    inks = rng.integers(0, 256, (4, 3)).astype(np.float32)
    return Artwork(inks[levels], cv2.GaussianBlur(alpha, (0, 0), 0.8))


def _plain(rng: np.random.Generator, sources: Sources) -> Artwork:
    photo = _photo_part(rng, sources)
    return Artwork(photo, _disc(photo.shape) if rng.uniform() < 0.5 else np.ones(photo.shape[:2], np.float32))


def _scribble(rng: np.random.Generator) -> Artwork:
    height = int(SIDE * rng.uniform(0.6, 1.4))
    colour, alpha = np.zeros((height, SIDE, 3), np.float32), np.zeros((height, SIDE), np.float32)
    for _ in range(rng.integers(3, 30)):
        ink = tuple(int(value) for value in rng.integers(0, 256, 3))
        points = rng.integers(0, [SIDE, height], (rng.integers(3, 6), 2)).astype(np.int32)
        width = int(rng.integers(1, 6))
        for canvas, value in ((colour, ink), (alpha, 1.0)):
            if width > 3:
                cv2.fillPoly(canvas, [points], value)
            else:
                cv2.polylines(canvas, [points], False, value, width, cv2.LINE_AA)
    return Artwork(colour, alpha)


def flat(rng: np.random.Generator, art: Artwork, base: Picture, side: int = 250) -> Picture:
    """The artwork as a shop shows it by itself: on a sheet of the cloth's colour, uint8 (side, side, 3)."""
    height, width = art.alpha.shape
    scale = side * rng.uniform(0.72, 1.0) / max(height, width)
    place = np.array([[scale, 0, (side - scale * width) / 2], [0, scale, (side - scale * height) / 2]], np.float32)
    alpha = cv2.warpAffine(art.alpha, place, (side, side), flags=cv2.INTER_LINEAR)[..., None]
    colour = cv2.warpAffine(art.colour, place, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)
    sheet = np.broadcast_to(np.asarray(base, np.float32), (side, side, 3))
    return np.asarray(np.clip(sheet * (1 - alpha) + colour * alpha, 0, 255), dtype=np.uint8)


def print_on(
    rng: np.random.Generator,
    picture: Picture,
    room: Picture,
    art: Artwork,
    centre: tuple[float, float],
    width: float,
    shade: Picture,
    turn: float = 6,
) -> Picture:
    """Print artwork into `picture`, in place: uint8 (h, w), 1 where its ink and what it encloses is.

    room: float32 (h, w), 0 … 1, where there is cloth; centre and width in pixels; shade: float32 (h, w), the light on it;
    turn: degrees, the standard deviation. The ink is bent by folds.
    """
    tall, wide = art.alpha.shape
    scale, angle = width / wide, np.deg2rad(rng.normal(0, turn))
    corners = np.array([[0, 0], [wide, 0], [wide, tall], [0, tall]], np.float32)
    turned = (corners - np.array([wide / 2, tall / 2])) * scale * np.array([rng.uniform(0.75, 1.05), 1])
    turned = turned @ np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]]) + np.array(centre)
    turned = (turned + rng.normal(0, 0.03 * width, turned.shape)).astype(np.float32)
    place = cv2.getPerspectiveTransform(corners, turned)
    colour, alpha = art.colour.astype(np.float32), art.alpha.astype(np.float32)
    if scale < 0.6:  # no jagged edges where it is reduced
        blur = 0.35 / scale
        weighted, alpha = cv2.GaussianBlur(colour * alpha[..., None], (0, 0), blur), cv2.GaussianBlur(alpha, (0, 0), blur)
        colour = weighted / np.maximum(alpha[..., None], 1e-3)
    height, length = picture.shape[:2]
    folds = cv2.resize(rng.normal(0, 1, (8, 8)).astype(np.float32), (length, height), interpolation=cv2.INTER_CUBIC)
    folds *= np.float32(0.02 * width)
    columns, rows = np.meshgrid(np.arange(length, dtype=np.float32), np.arange(height, dtype=np.float32))
    ink, cover = (
        cv2.remap(cv2.warpPerspective(part, place, (length, height)), columns + folds, rows - folds, cv2.INTER_LINEAR)
        for part in (colour, alpha)
    )
    cover = cover * room
    opacity = (rng.uniform(0.75, 1) * cover)[..., None]
    picture[:] = picture * (1 - opacity) + np.clip(ink * shade[..., None], 0, 255) * opacity
    marked = cv2.dilate((cover > 0.15).astype(np.uint8), np.ones((5, 5), np.uint8))
    closing = max(3, int(width * 0.12)) | 1
    return np.asarray(cv2.morphologyEx(marked, cv2.MORPH_CLOSE, np.ones((closing, closing), np.uint8)), dtype=np.uint8)
