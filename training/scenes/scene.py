"""A whole scene by chance: `python -m training.scenes.scene SHARED --sheet FILE` draws some of them to be looked at."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.drawing import draw, random_spec
from demo.spec import random_print
from training.scenes.artwork import Artwork, artwork, print_on, printable
from training.scenes.canvas import Canvas, Printed
from training.scenes.grounds import Size, ground
from training.scenes.people import cloth, person
from training.scenes.sources import Sources, find_sources, part

SIZES: Final[tuple[Size, ...]] = ((320, 448), (320, 448), (320, 384), (384, 384), (448, 336), (400, 300))
SEED: Final = 20261125


@dataclass(frozen=True)
class Scene:
    """picture: BGR uint8 (h, w, 3); printed, garment, known: uint8 (h, w), 0 or 1 (known: where `printed` is to be believed);
    prints: each print that is seen, with its mask.
    """

    picture: NDArray[np.uint8]
    printed: NDArray[np.uint8]
    garment: NDArray[np.uint8]
    known: NDArray[np.uint8]
    prints: tuple[Printed, ...]


def scene(rng: np.random.Generator, sources: Sources) -> Scene:
    """One of the kinds below by its share."""
    size = SIZES[int(rng.integers(len(SIZES)))]
    kinds = [kind for kind, _ in KINDS]
    canvas = kinds[int(rng.choice(len(kinds), p=[share for _, share in KINDS]))](rng, sources, size)
    return _photographed(rng, canvas)


def _people(rng: np.random.Generator, sources: Sources, size: Size) -> Canvas:
    """One to three people; of several, often all in the same print."""
    canvas = Canvas(ground(rng, sources, size))
    count = int(rng.choice([1, 1, 1, 2, 3]))
    shared = artwork(rng, sources, rng.integers(0, 256, 3).astype(np.float32)) if count > 1 and rng.uniform() < 0.5 else None
    for _ in range(count):
        person(rng, sources, canvas, shared)
    return canvas


def _pasted(rng: np.random.Generator, sources: Sources, size: Size) -> Canvas:
    """A print on a photo of a real top, itself a part of a wider picture. What else is printed on that top nobody knows."""
    photo = sources.photo(rng, sources.tops).astype(np.float32)
    height, width = photo.shape[:2]
    light = cv2.GaussianBlur(photo.mean(2), (0, 0), 3)
    middle = np.s_[height // 3 : height // 2, width // 3 : 2 * width // 3]
    base = photo[middle].mean((0, 1))
    art = artwork(rng, sources, base)
    shade = np.clip(light / max(float(light[middle].mean()), 1.0), 0.5, 1.4)
    centre, across = (width * rng.normal(0.5, 0.05), height * rng.normal(0.42, 0.06)), width * rng.uniform(0.18, 0.42)
    mask = print_on(rng, photo, np.ones((height, width), np.float32), art, centre, across, shade)
    unknown, garment = np.zeros((height, width), np.uint8), np.zeros((height, width), np.uint8)
    unknown[int(0.15 * height) : int(0.85 * height), int(0.15 * width) : int(0.85 * width)] = 1
    unknown[cv2.dilate(mask, np.ones((9, 9), np.uint8)) > 0] = 0
    garment[int(0.28 * height) : int(0.72 * height), int(0.3 * width) : int(0.7 * width)] = 1
    canvas = Canvas(ground(rng, sources, size))
    scale = rng.uniform(0.45, 1.25) * size[0] / height
    tall, wide = max(40, int(height * scale)), max(40, int(width * scale))
    left, top = int(rng.uniform(-0.2, 1.2) * (size[1] - wide)), int(rng.uniform(-0.1, 1.1) * (size[0] - tall))
    x0, y0, x1, y1 = max(0, left), max(0, top), min(size[1], left + wide), min(size[0], top + tall)
    here, there = np.s_[y0:y1, x0:x1], np.s_[y0 - top : y1 - top, x0 - left : x1 - left]
    canvas.picture[here] = cv2.resize(photo, (wide, tall), interpolation=cv2.INTER_AREA)[there]
    seen = canvas.blank()
    for target, source in ((canvas.garment, garment), (canvas.unknown, unknown), (seen, mask)):
        target[here] = cv2.resize(source, (wide, tall), interpolation=cv2.INTER_NEAREST)[there]
    canvas.add(Printed(art, base, seen))
    return canvas


def _close_up(rng: np.random.Generator, sources: Sources, size: Size) -> Canvas:
    """Cloth from edge to edge, with a print on it or bare."""
    base = rng.integers(0, 256, 3).astype(np.float32)
    dyed, folds = cloth(rng, sources, size, base)
    canvas = Canvas(dyed.astype(np.float32))
    canvas.garment[:] = 1
    if rng.uniform() < 0.75:
        art = artwork(rng, sources, base)
        centre = (rng.normal(0.5, 0.12) * size[1], rng.normal(0.5, 0.12) * size[0])
        across = rng.uniform(0.3, 0.8) * min(size[1], size[0] * art.alpha.shape[1] / art.alpha.shape[0])
        mask = print_on(rng, canvas.picture, np.ones(size, np.float32), art, centre, across, folds)
        canvas.add(Printed(art, base, mask))
    return canvas


def _drawn(rng: np.random.Generator, sources: Sources, size: Size) -> Canvas:
    """A drawn shirt as a shop shows it. Its print is where it differs from the same shirt unprinted."""
    family = str(rng.choice(["picture", "picture", "text"]))
    glyphs = None if family == "text" else [printable()[i] for i in rng.choice(len(printable()), 6, replace=False)]
    spec = random_spec(rng, family, glyphs)
    bare = replace(spec, print=random_print(rng, "plain", spec.fabric))
    side = int(0.93 * min(size))
    shirt, plain = (draw(each, side, 1.0)[..., ::-1].astype(np.float32) for each in (spec, bare))
    edge = np.median(shirt[:6].reshape(-1, 3), axis=0)
    base = np.median(plain[side // 3 : side // 2, side // 3 : 2 * side // 3].reshape(-1, 3), axis=0)
    canvas = Canvas(ground(rng, sources, size) if rng.uniform() < 0.4 else np.full((*size, 3), edge, np.float32))
    left, top = int(rng.integers(0, size[1] - side + 1)), int(rng.integers(0, size[0] - side + 1))
    here = np.s_[top : top + side, left : left + side]
    canvas.picture[here] = shirt
    canvas.garment[here] = np.abs(shirt - edge).max(2) > 24
    mask = canvas.blank()
    differs = (np.abs(shirt - plain).max(2) > 24).astype(np.uint8)
    mask[here] = cv2.morphologyEx(differs, cv2.MORPH_CLOSE, np.ones((13, 13), np.uint8))
    if mask.any():
        canvas.add(Printed(_cut_out(shirt, mask[here]), base, mask))
    return canvas


def _nobody(rng: np.random.Generator, sources: Sources, size: Size) -> Canvas:
    """No print at all."""
    if rng.uniform() < 0.5:
        return Canvas(part(rng, sources.photo(rng, sources.grounds), size, 0.7).astype(np.float32))
    return Canvas(ground(rng, sources, size))


def _cut_out(shirt: NDArray[np.float32], mask: NDArray[np.uint8]) -> Artwork:
    rows, columns = np.nonzero(mask)
    here = np.s_[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    return Artwork(shirt[here], mask[here].astype(np.float32))


Kind = Callable[[np.random.Generator, Sources, Size], Canvas]
KINDS: Final[tuple[tuple[Kind, float], ...]] = (
    (_people, 0.48),
    (_pasted, 0.25),
    (_close_up, 0.1),
    (_drawn, 0.09),
    (_nobody, 0.08),
)


def _photographed(rng: np.random.Generator, canvas: Canvas) -> Scene:
    """Other light, a little blur and noise, JPEG."""
    picture = np.clip((canvas.picture - 128) * rng.uniform(0.7, 1.25) + 128 + rng.normal(0, 18), 0, 255)
    if rng.uniform() < 0.3:
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.3, 1.2))
    picture = np.clip(picture + rng.normal(0, rng.uniform(0, 4), picture.shape), 0, 255).astype(np.uint8)
    _, data = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(60, 96))])
    prints = tuple(printed for printed in canvas.prints if printed.mask.any())
    together = np.any([printed.mask for printed in prints], axis=0).astype(np.uint8) if prints else canvas.blank()
    seen = np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR), dtype=np.uint8)
    return Scene(seen, together, canvas.garment, (1 - canvas.unknown).astype(np.uint8), prints)


def outlined(made: Scene) -> NDArray[np.uint8]:
    """The scene with its garments outlined green and its prints red, (200, 280, 3)."""
    picture = made.picture.copy()
    for mask, colour in ((made.garment, (0, 255, 0)), (made.printed, (0, 0, 255))):
        lines, _ = cv2.findContours(np.ascontiguousarray(mask), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
        cv2.drawContours(picture, lines, -1, colour, 2)
    return np.asarray(cv2.resize(picture, (280, 200), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--sheet", type=Path, required=True)
    options = parser.parse_args()
    rng, sources = np.random.default_rng(SEED), find_sources(options.shared)
    rows = [np.hstack([outlined(scene(rng, sources)) for _ in range(5)]) for _ in range(6)]
    cv2.imwrite(str(options.sheet), np.vstack(rows))


if __name__ == "__main__":
    main()
