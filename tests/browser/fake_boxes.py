"""The site with a network that finds two prints and a garment on any picture, and sees a box's thumbnail."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.photo import boxes
from indexing import query
from indexing.networks.boxes import WHOLE, Box
from tests.browser.fake_network import application, thumbnail_embedding

__all__ = ["application"]

FOUND = [Box("print", 0.9, 0.3, 0.3, 0.7, 0.7), Box("print", 0.3, 0.1, 0.1, 0.3, 0.3), Box("garment", 0.8, 0.1, 0.1, 0.9, 0.95)]


def find_boxes(*_args: Any) -> list[Box]:
    """The same for any picture."""
    return [*FOUND, WHOLE]


def box_queries(picture: NDArray[np.uint8], box: Box, *_args: Any) -> NDArray[np.float32]:
    """float32 (1, 432): the thumbnail of the box."""
    return thumbnail_embedding(np.ascontiguousarray(box.cut(picture))).vector[None]


vars(query).update(find_boxes=find_boxes, box_queries=box_queries)
vars(boxes).update(FINDING_BOXES=("vgg16",))  # the network that the seed's index names
