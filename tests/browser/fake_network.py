"""The site with a network that costs nothing: it sees a picture's thumbnail, as the vectors of `tests.browser.seed` do."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from indexing import query
from recommender.wsgi import application

__all__ = ["application"]


def thumbnail_vector(data: bytes, *_args: Any, **_options: Any) -> NDArray[np.float32]:
    """float32 (432,): what the seed's index holds for the same picture."""
    picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    assert picture is not None
    small = cv2.resize(picture, (48, 48), interpolation=cv2.INTER_AREA)[:, :, ::-1]
    vector: NDArray[np.float32] = 255 - small[::4, ::4].astype(np.float32).ravel()
    return vector


query.vector_from_image = thumbnail_vector
