"""Folds of soft cloth: a height field in shirt units, its slopes for light and for bending the print."""

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.silhouettes import Outline, Point

Field = NDArray[np.floating]
GRID = 96


def folds(shape: Outline, rng: np.random.Generator) -> NDArray[np.float32]:
    """Creases as float32 (n, 6): start x, y, end x, y, half-width, height, where hanging cloth makes them."""
    cut = shape.cut
    rows: list[tuple[float, ...]] = []

    def crease(start: Point, end: Point, width: float, height: float) -> None:
        jitter = rng.normal(0, 0.03, 4)
        rows.append((start[0] + jitter[0], start[1] + jitter[1], end[0] + jitter[2], end[1] + jitter[3], width, height))

    for sign in (-1.0, 1.0):
        x, y = cut.armpit[0] * sign, cut.armpit[1]
        for _ in range(int(rng.integers(1, 4))):
            crease(
                (x, y + 0.04),
                (x * rng.uniform(0.25, 0.6), y + rng.uniform(0.15, 0.55)),
                rng.uniform(0.025, 0.05),
                rng.uniform(0.4, 0.9),
            )
        tip = ((cut.cuff_in[0] + cut.cuff_out[0]) / 2 * sign, (cut.cuff_in[1] + cut.cuff_out[1]) / 2)
        for share in rng.uniform(0.1, 0.95, 2 if cut.cuff_out[1] < 0.3 else 6):
            middle = (x + (tip[0] - x) * share, y + (tip[1] - y) * share)
            away = rng.uniform(0.08, 0.2)
            crease(
                middle,
                (middle[0] + sign * away, middle[1] - away * rng.uniform(0.1, 0.9)),
                rng.uniform(0.022, 0.04),
                rng.uniform(0.4, 0.9),
            )
        crease(
            (cut.waist * sign, rng.uniform(0.1, 0.5)),
            (cut.waist * sign * 0.45, rng.uniform(0.2, 0.65)),
            0.045,
            rng.uniform(0.3, 0.7),
        )
    for _ in range(int(rng.integers(3, 6))):
        x = rng.uniform(-0.9, 0.9) * cut.hem[0]
        crease(
            (x, cut.hem[1]),
            (x * rng.uniform(0.5, 1.0), rng.uniform(0.1, 0.5)),
            rng.uniform(0.035, 0.075),
            rng.uniform(0.4, 1.0),
        )
    return np.array(rows, dtype=np.float32)


def height_slopes(creases: NDArray[np.float32], xs: Field, ys: Field, rng: np.random.Generator) -> tuple[Field, Field]:
    """Slopes (d/dx, d/dy) of the cloth's height on the grid of shirt coordinates (GRID, GRID), each float32, about -1 to 1."""
    x0, y0, x1, y1, width, height = (column[:, None, None] for column in creases.T)
    dx, dy = x1 - x0, y1 - y0
    t = np.clip(((xs - x0) * dx + (ys - y0) * dy) / (dx * dx + dy * dy), 0, 1)
    squared = (xs - x0 - t * dx) ** 2 + (ys - y0 - t * dy) ** 2
    # A crease is sharp where it starts and dies out: wider and lower along its way.
    ridge = height * width * (1 - 0.85 * t) * np.exp(-squared / (2 * (width * (0.8 + 0.9 * t)) ** 2))
    surface = ridge.sum(axis=0)
    for cells, strength in ((4, 0.035), (8, 0.012)):
        noise = rng.standard_normal((cells, cells + 2)).astype(np.float32)
        surface = surface + strength * cv2.resize(noise, (GRID, GRID), interpolation=cv2.INTER_CUBIC)
    step = float(np.hypot(xs[0, 1] - xs[0, 0], ys[0, 1] - ys[0, 0]))
    slope_y, slope_x = np.gradient(surface.astype(np.float32), step)
    return slope_x.astype(np.float32), slope_y.astype(np.float32)
