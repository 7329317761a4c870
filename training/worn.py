"""Worn photos against the prints on them: `python -m training.worn SHARED --cache DIR --network lite0`.

SHARED/worn_prints is for measuring only. Of each of 152 pairs: the worn photo as a query, by its whole and by its boxes, the
prints as catalogue; and a worn item to its print in one index of both sides.
"""

import argparse
import csv
from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from indexing import query
from indexing.engines import make_engine
from indexing.nearest.search import LiveSearch
from indexing.networks.registry import get_network

BATCH = 16


def read(folder: Path, ids: Sequence[str]) -> list[NDArray[np.uint8]]:
    return [np.asarray(cv2.imread(str(folder / f"{name}.jpg"), cv2.IMREAD_COLOR), np.uint8) for name in ids]


def recall(ranks: NDArray[np.integer]) -> str:
    return f"R@1 {(ranks <= 1).mean():.3f}, R@10 {(ranks <= 10).mean():.3f}, median rank {np.median(ranks):.0f}"


def rank_of(rows: NDArray[np.integer], wanted: int) -> int:
    """Where `wanted` stands in a ranking of all rows, from 1."""
    return int(np.flatnonzero(rows == wanted)[0]) + 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--network", default="lite0")
    options = parser.parse_args()
    folder = options.shared / "worn_prints"
    with (folder / "pairs.csv").open(newline="") as lines:
        pairs = [(row["id_a"], row["id_b"]) for row in csv.DictReader(lines)]
    worn, prints = (read(folder, ids) for ids in zip(*pairs, strict=True))
    network = get_network(options.network)
    weights = network.load_weights("bundled")
    engine = make_engine("auto", network, weights, 2, options.cache)
    path = options.cache / f"worn-{options.network}-{weights.digest[:12]}-{network.spec.preprocessing}.npy"
    if not path.exists():
        prepared = [network.prepare(picture) for picture in (*worn, *prints)]
        np.save(
            path, np.concatenate([engine.run(np.stack(prepared[at : at + BATCH])) for at in range(0, len(prepared), BATCH)])
        )
    engine.close()
    vectors, count = np.load(path), len(pairs)
    manifest = {"network": options.network, "preprocessing": network.spec.preprocessing, "weights": weights.manifest()}
    gallery, mixed = LiveSearch(np.ascontiguousarray(vectors[count:])), LiveSearch(vectors)
    whole, boxed, items = [], [], []
    for number, picture in enumerate(worn):
        found = gallery.query(vectors[number : number + 1], count, metrics=("cosine",))
        whole.append(rank_of(found["cosine"].rows[0], number))
        boxes = [box for box in query.find_boxes(picture, manifest, options.cache, 2) if box.kind == "print"]
        asked = [query.box_queries(picture, box, manifest, options.cache, 2) for box in boxes]
        queries = np.concatenate(asked) if asked else vectors[number : number + 1]
        ranking = query.nearest_to_any(gallery.query(queries, count, metrics=("cosine",)), count)["cosine"][0]
        boxed.append(rank_of(ranking, number))
        own = np.full(len(queries), number)
        found = mixed.query(queries, len(vectors) - 1, own=own, metrics=("cosine",))
        items.append(rank_of(query.nearest_to_any(found, len(vectors))["cosine"][0], count + number))
    print(f"{options.network}: whole photo → print: {recall(np.array(whole))}")
    print(f"{options.network}: photo by its boxes → print: {recall(np.array(boxed))}")
    print(f"{options.network}: photo by its boxes → print, among prints and other worn photos: {recall(np.array(items))}")
    near = mixed.query(vectors[:count], len(vectors) - 1, own=np.arange(count), metrics=("cosine",))["cosine"].rows
    print(f"{options.network}: item → print by the whole vector, both sides: ", end="")
    print(recall(np.array([rank_of(row, count + number) for number, row in enumerate(near)])))


if __name__ == "__main__":
    main()
