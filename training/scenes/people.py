"""People, crudely drawn: a shirt of real or drawn cloth, arms that may hide it, a head."""

import cv2
import numpy as np

from demo.drawing import FABRICS
from training.scenes.artwork import Artwork, artwork, print_on
from training.scenes.canvas import Canvas, Printed
from training.scenes.sources import Picture, Sources, part

SKIN = np.array([(150, 185, 228), (120, 160, 210), (100, 135, 190), (70, 100, 150), (50, 70, 110), (170, 200, 240)], np.float32)
Point = tuple[float, float]


def cloth(rng: np.random.Generator, sources: Sources, size: tuple[int, int], base: Picture) -> tuple[Picture, Picture]:
    """Dyed cloth of the colour `base` (BGR), (h, w, 3), and the light on it, (h, w): a photo's folds, or drawn ones."""
    height, width = size
    if rng.uniform() < 0.5:
        grey = part(rng, sources.photo(rng, sources.tops), size, 0.15).mean(2).astype(np.float32)
        light = cv2.GaussianBlur(grey, (0, 0), 2)
        light = np.clip(light / max(float(light.mean()), 1.0), 0.5, 1.5)
    else:
        coarse = rng.normal(0, 1, (max(2, height // 6), max(2, width // 6))).astype(np.float32)
        folds = cv2.GaussianBlur(cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR), (0, 0), 3)
        light = np.clip(1 + 0.1 * folds + 0.12 * np.linspace(-1, 1, width)[None] * rng.normal(), 0.55, 1.4).astype(np.float32)
    return np.clip(np.asarray(base, np.float32) * light[..., None], 0, 255), light


class _Figure:
    """A person's measures in the canvas: units of the shoulders' width across, of the torso's length down."""

    def __init__(self, rng: np.random.Generator, canvas: Canvas) -> None:
        height, width = canvas.picture.shape[:2]
        self.torso = float(np.exp(rng.uniform(np.log(0.14 * height), np.log(0.75 * height))))
        self.width = self.torso * rng.uniform(0.62, 0.85)
        self.x, self.y = rng.uniform(0.12, 0.88) * width, rng.uniform(0.02, 0.62) * height
        self.lean = rng.normal(0, 0.08)
        self.canvas, self.rng = canvas, rng
        across = (np.arange(width, dtype=np.float32)[None] - self.x) / self.width + np.zeros((height, 1), np.float32)
        self.light = np.clip(1 + rng.normal(0, 0.25) * across, 0.5, 1.4).astype(np.float32)

    def at(self, point: Point) -> tuple[int, int]:
        return int(self.x + (point[0] + self.lean * point[1]) * self.width), int(self.y + point[1] * self.torso)

    def many(self, *points: Point) -> np.ndarray:
        return np.array([self.at(point) for point in points], np.int32)

    def cover(self, mask: Picture, colour: Picture, grain: float = 0.24) -> None:
        """Lay paint over the canvas where the mask is; what is beneath is no longer seen."""
        height, width = mask.shape
        rough = 1 + grain * cv2.GaussianBlur(self.rng.normal(0, 1, (height, width)).astype(np.float32), (0, 0), 4)
        self.canvas.paint(mask, np.clip(colour * (self.light * rough)[..., None], 0, 255))

    def ellipse(self, centre: Point, radii: Point, colour: Picture, turn: float = 0, start: int = 0) -> None:
        mask = self.canvas.blank()
        size = (max(1, int(radii[0] * self.width)), max(1, int(radii[1] * self.torso)))
        cv2.ellipse(mask, self.at(centre), size, turn, start, start + (180 if start else 360), 255, -1)
        self.cover(soft(mask), colour)

    def limb(self, points: tuple[Point, ...], colour: Picture) -> None:
        mask = self.canvas.blank()
        cv2.polylines(mask, [self.many(*points)], False, 255, max(2, int(0.17 * self.width)), cv2.LINE_AA)
        self.cover(soft(mask), colour)


def soft(mask: np.ndarray) -> Picture:
    """uint8 0 … 255 → float32 0 … 1, its edge blurred."""
    return np.asarray(cv2.GaussianBlur(mask, (0, 0), 1), np.float32) / np.float32(255)


SHIRT: tuple[Point, ...] = (
    (-0.2, -0.02), (-0.48, 0.04), (-0.58, 0.2), (-0.48, 0.3), (-0.46, 0.6), (-0.5, 1.0), (0.5, 1.0), (0.46, 0.6),
    (0.48, 0.3), (0.58, 0.2), (0.48, 0.04), (0.2, -0.02), (0.12, 0.07), (-0.12, 0.07),
)  # fmt: skip
TROUSERS: tuple[Point, ...] = ((-0.48, 0.95), (0.48, 0.95), (0.55, 2.4), (0.05, 2.4), (0, 1.3), (-0.05, 2.4), (-0.55, 2.4))


def person(rng: np.random.Generator, sources: Sources, canvas: Canvas, art: Artwork | None = None) -> None:
    """A person in a shirt that is nearly always printed (with `art`, if given), drawn over the canvas."""
    figure = _Figure(rng, canvas)
    skin = SKIN[int(rng.integers(len(SKIN)))] * np.float32(rng.uniform(0.7, 1.1))
    hair = rng.integers(5, 90, 3) if rng.uniform() < 0.8 else rng.integers(40, 220, 3)
    legs = canvas.blank()
    cv2.fillPoly(legs, [figure.many(*TROUSERS)], 255)
    figure.cover(soft(legs), rng.integers(10, 160, 3).astype(np.float32))
    figure.ellipse((0, -0.02), (0.17, 0.16), skin)  # the neck
    arms = []
    for side in (-1, 1):
        elbow = (side * rng.uniform(0.6, 1.0), rng.uniform(0.1, 0.75))
        hand = (elbow[0] + rng.uniform(-0.6, 0.5) * side, elbow[1] + rng.uniform(-0.6, 0.6))
        arms.append((side, elbow, hand, rng.uniform() < 0.2))
    for side, elbow, hand, in_front in arms:
        if not in_front:
            figure.limb(((side * 0.45, 0.12), elbow, hand), skin)
    _shirt(rng, sources, figure, [(side, elbow) for side, elbow, _, _ in arms], art)
    for side, elbow, _, in_front in arms:
        if in_front:
            figure.limb((elbow, (-0.2 * side, rng.uniform(0.2, 0.9))), skin)
    _head(rng, figure, skin, hair.astype(np.float32))


def _shirt(
    rng: np.random.Generator, sources: Sources, figure: _Figure, arms: list[tuple[int, Point]], art: Artwork | None
) -> None:
    canvas = figure.canvas
    base = np.array(list(FABRICS.values())[int(rng.integers(len(FABRICS)))][::-1], np.float32)
    dyed, folds = cloth(rng, sources, canvas.picture.shape[:2], base)
    mask = canvas.blank()
    cv2.fillPoly(mask, [figure.many(*SHIRT)], 255)
    for side, elbow in arms:
        reach = 1.0 if rng.uniform() < 1 / 3 else 0.55  # long or short sleeves
        end = (side * (0.45 + (abs(elbow[0]) - 0.45) * reach), 0.13 + (elbow[1] - 0.13) * reach)
        width = int(1.5 * max(2, int(0.17 * figure.width)))
        cv2.line(mask, figure.at((side * 0.45, 0.13)), figure.at(end), 255, max(1, width), cv2.LINE_AA)
    body = soft(mask)
    canvas.paint(body, np.clip(dyed * figure.light[..., None], 0, 255))
    canvas.garment[body > 0.5] = 1
    if art is None and rng.uniform() < 0.1:
        return
    art = art or artwork(rng, sources, base)
    share = rng.uniform(0.4, 0.85) if rng.uniform() < 0.85 else rng.uniform(0.15, 0.35)
    width = figure.width * share * min(1, 1.2 * art.alpha.shape[1] / art.alpha.shape[0])
    centre = figure.at((rng.normal(0, 0.08), rng.uniform(0.25, 0.6)))
    marked = print_on(rng, canvas.picture, body, art, centre, width, folds * figure.light)
    canvas.add(Printed(art, base, marked))


def _head(rng: np.random.Generator, figure: _Figure, skin: Picture, hair: Picture) -> None:
    middle = -0.32 * rng.uniform(0.85, 1.1)
    figure.ellipse((0, middle), (0.24, 0.22), skin, rng.normal(0, 8))
    figure.ellipse((rng.normal(0, 0.02), middle - 0.09), (0.27, 0.16), hair, 0, 180)
    if rng.uniform() < 0.4:
        for side in (-1, 1):
            figure.ellipse((side * 0.23, middle + 0.12), (0.07, 0.3), hair)
    for side in (-1, 1):
        figure.ellipse((side * 0.09, middle - 0.01), (0.045, 0.02), np.array([25, 25, 30], np.float32))
    figure.ellipse((0, middle + 0.11), (0.08, 0.018), skin * np.float32(0.5))
