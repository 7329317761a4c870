"""Views for training: a crop, a flip, other light. Hue and saturation move a little only: shoppers judge by colour too."""

import cv2
import numpy as np
from numpy.typing import NDArray


def resize(picture: NDArray[np.uint8], side: int) -> NDArray[np.uint8]:
    """uint8 (h, w, 3) → (side, side, 3)."""
    return np.asarray(cv2.resize(picture, (side, side), interpolation=cv2.INTER_AREA), dtype=np.uint8)


def crops(
    pictures: NDArray[np.uint8], side: int, shares: tuple[float, float], rng: np.random.Generator, spread: float = 1
) -> NDArray[np.uint8]:
    """uint8 (n, s, s, 3) → (n, side, side, 3): a part, `shares` (least, most) of each side, half of them mirrored.

    spread: 1 takes the part from anywhere, less from nearer to the middle.
    """
    size = pictures.shape[1]
    views = np.empty((len(pictures), side, side, 3), np.uint8)
    for view, source in zip(views, pictures, strict=True):
        share = rng.uniform(*shares)
        height, width = (round(size * min(1.0, share * float(stretch))) for stretch in rng.uniform(0.93, 1.07, 2))
        top, left = (round((size - length) * (0.5 + spread * (float(rng.uniform()) - 0.5))) for length in (height, width))
        part = source[top : top + height, left : left + width]
        view[:] = resize(part, side)
        if rng.uniform() < 0.5:
            view[:] = view[:, ::-1].copy()
    return views


def jitter(views: NDArray[np.uint8], strength: float, rng: np.random.Generator) -> NDArray[np.float32]:
    """uint8 (n, s, s, 3) → float32 in about [-1, 1]: brightness, contrast, saturation and each channel's gain changed."""
    count = len(views)
    values = views.astype(np.float32) / 127.5 - 1
    saturation = rng.normal(1, 0.25 * strength, count)
    gain = rng.normal(1, 0.04 * strength, (count, 3)) * rng.normal(1, 0.18 * strength, (count, 1))
    grey = np.full((3, 3), 1 / 3)
    matrix = (saturation[:, None, None] * np.eye(3) + (1 - saturation)[:, None, None] * grey) * gain[:, None, :]
    shift = rng.normal(0, 0.15 * strength, (count, 1, 1))
    flat = values.reshape(count, -1, 3) @ matrix.astype(np.float32) + shift.astype(np.float32)
    return np.asarray(np.clip(flat, -1, 1).reshape(values.shape), dtype=np.float32)
