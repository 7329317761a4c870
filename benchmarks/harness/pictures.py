"""Previews as a shop has them: JPEGs of 400 × 533, a garment-like blob on a light ground with some texture."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

WIDTH, HEIGHT = 400, 533


def write_pictures(folder: Path, count: int) -> None:
    """`count` different JPEGs of about 30 kB."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(count):
        if not cv2.imwrite(str(folder / f"{number:06}.jpg"), _picture(number), [cv2.IMWRITE_JPEG_QUALITY, 85]):
            raise OSError(f"{folder} cannot be written to.")


def _picture(number: int) -> NDArray[np.uint8]:
    random = np.random.default_rng(number)
    picture = np.full((HEIGHT, WIDTH, 3), 235, np.float32)
    colour = random.integers(20, 220, 3).tolist()
    cv2.rectangle(picture, (90, 90), (310, 480), colour, -1)
    cv2.ellipse(picture, (200, 300), (int(random.integers(30, 90)), 60), 0, 0, 360, random.integers(0, 255, 3).tolist(), -1)
    texture = cv2.resize(random.normal(0, 12, (HEIGHT // 3, WIDTH // 3, 3)).astype(np.float32), (WIDTH, HEIGHT))
    return np.asarray(np.clip(picture + texture, 0, 255), np.uint8)
