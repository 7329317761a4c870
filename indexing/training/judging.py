"""How good the network is so far, by photos and drawings kept apart for that."""

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from indexing.training.data import Photos
from indexing.training.model import GraphModel, as_tensor

Labelled = tuple[NDArray[np.uint8], NDArray[np.str_]]  # pictures (n, s, s, 3) and what each shows


def embed(model: GraphModel, pixels: NDArray[np.uint8], side: int = 128) -> NDArray[np.float32]:
    """Unit vectors of whole pictures, in bfloat16."""
    model.eval()
    found = []
    for start in range(0, len(pixels), 128):
        views = np.stack([cv2.resize(p, (side, side), interpolation=cv2.INTER_AREA) for p in pixels[start : start + 128]])
        with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
            found.append(model(as_tensor(views.astype(np.float32) / 127.5 - 1)).float())
    return np.asarray(functional.normalize(torch.cat(found)).numpy(), dtype=np.float32)


def share_of_label(
    queries: NDArray[np.float32],
    gallery: NDArray[np.float32],
    own: NDArray[np.integer],
    labels: NDArray[np.str_],
    theirs: NDArray[np.str_],
    k: int = 5,
) -> float:
    """P@k by cosine; own: each query's row of the gallery, left out."""
    closeness = queries @ gallery.T
    closeness[np.arange(len(own)), own] = -9
    nearest = np.argsort(-closeness, axis=1)[:, :k]
    return float((theirs[nearest] == labels[:, None]).mean())


def judge(model: GraphModel, photos: Photos, drawings: Labelled | None) -> dict[str, float]:
    """P@5 of the photos kept for tuning among all training photos of the first folder; motif P@5 of held-out drawings."""
    rows = np.flatnonzero(photos.folders == "photos")
    vectors = embed(model, photos.pixels[rows])
    labels = photos.labels[rows]
    own = np.flatnonzero(photos.tuning[rows])
    scores = {"photos": share_of_label(vectors[own], vectors, own, labels[own], labels)}
    if drawings is not None:
        drawn = embed(model, drawings[0])
        every = np.arange(len(drawn))
        scores["motif"] = share_of_label(drawn, drawn, every, drawings[1], drawings[1])
    return scores
