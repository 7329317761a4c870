"""The model card's table: `python -m training.table SHARED --cache DIR` (SHARED holds photos/ and models/).

Untrained VGG-16, MobileNetV1 (the teacher) and the compact network over the same pictures: the real photos whose ids end in 0
ask among all of photos/; the committed demo; a catalogue like it of new prints, drawn anew from the emoji that training used;
and one of emoji that training never saw. Vectors are kept in DIR, the compact network's under its weights' digest, so a second
call is quick.
"""

import argparse
import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.drawing import draw, random_spec
from indexing.engines import make_engine
from indexing.evaluation.scores import evaluate
from indexing.networks.compact import UNITS
from indexing.networks.registry import get_network
from training.drawings import HELD_OUT, SEEN
from training.teacher import MODEL, Teacher

Pictures = Callable[[], Iterator[NDArray[np.uint8]]]
SEED: Final = 31_415_926  # of the drawn catalogues
EACH: Final = 25  # shirts of a family in them, as in the demo
BATCH: Final = 32


@dataclass(frozen=True)
class Catalogue:
    """Pictures with one or more kinds of label; `queries`: who asks (None: all)."""

    name: str
    ids: Sequence[str]
    pictures: Pictures
    labels: dict[str, dict[str, str]]
    queries: Sequence[str] | None = None


def read_labels(path: Path) -> dict[str, str]:
    with path.open(newline="") as lines:
        return {row["id"]: row["label"] for row in csv.DictReader(lines)}


def files(folder: Path, ids: Sequence[str]) -> Pictures:
    return lambda: (np.asarray(cv2.imread(str(folder / f"{name}.jpg"), cv2.IMREAD_COLOR), dtype=np.uint8) for name in ids)


def photos(shared: Path, digit: int = 0) -> Catalogue:
    """photos/, asked by the ids that end in `digit`: 0 was never trained on, nor was 9."""
    labels = read_labels(shared / "photos" / "labels.csv")
    ids = sorted(labels)
    asking = [name for name in ids if int(name) % 10 == digit]
    return Catalogue("photos", ids, files(shared / "photos", ids), {"label": labels}, asking)


def demo(folder: Path) -> Catalogue:
    labels = {kind: read_labels(folder / f"{kind}.csv") for kind in ("motif", "colour")}
    ids = sorted(labels["motif"])
    return Catalogue("demo", ids, files(folder, ids), labels)


def drawn(name: str, families: Sequence[str], glyphs: Mapping[str, tuple[str, ...]], seed: int) -> Catalogue:
    """A catalogue like the demo's, EACH shirts of every family, from a seed that training never used."""
    rng = np.random.default_rng(seed)
    specs = [(random_spec(rng, family, glyphs.get(family)), family) for family in families for _ in range(EACH)]
    ids = [f"{number:04d}" for number in range(len(specs))]
    labels = {
        "motif": {item: family for item, (_, family) in zip(ids, specs, strict=True)},
        "colour": {item: spec.fabric for item, (spec, _) in zip(ids, specs, strict=True)},
    }
    return Catalogue(name, ids, lambda: (np.ascontiguousarray(draw(spec)[..., ::-1]) for spec, _ in specs), labels)


def drawn_anew(shop: Catalogue) -> tuple[Catalogue, Catalogue]:
    """The shop's families in new prints: of the emoji that training used, and of those it never saw."""
    families = sorted(set(shop.labels["motif"].values()))
    return drawn("new prints", families, SEEN, SEED), drawn("unseen emoji", families, HELD_OUT, SEED + 1)


def by_network(name: str, weights: str, pictures: Pictures, cache: Path) -> NDArray[np.float32]:
    """Vectors of a network of the product, by its own engine."""
    network = get_network(name)
    engine = make_engine("auto", network, network.load_weights(weights, 0), threads=2, cache_dir=cache)
    found: list[NDArray[np.float32]] = []
    batch: list[NDArray[np.float32]] = []
    for picture in pictures():
        batch.append(network.prepare(picture))
        if len(batch) == BATCH:
            found.append(engine.run(np.stack(batch)))
            batch = []
    if batch:
        found.append(engine.run(np.stack(batch)))
    engine.close()
    return np.concatenate(found)


def by_teacher(model: Path, pictures: Pictures) -> NDArray[np.float32]:
    """MobileNetV1's embedding."""
    teacher = Teacher(model)
    return np.stack([teacher(picture) for picture in pictures()]).astype(np.float32) * np.float32(teacher.scale)


def kept(path: Path, make: Callable[[], NDArray[np.float32]]) -> NDArray[np.float32]:
    if not path.exists():
        np.savez(path, vectors=make())
    return np.asarray(np.load(path)["vectors"], dtype=np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    digest = get_network("compact").load_weights("bundled").digest[:12]
    rows, scores = [], {}
    shop = demo(Path("data/demo"))
    for catalogue in (photos(options.shared), shop, *drawn_anew(shop)):
        stem = catalogue.name.replace(" ", "-")
        makers: dict[str, Callable[[], NDArray[np.float32]]] = {
            "vgg16-untrained": lambda c=catalogue: by_network("vgg16", "random", c.pictures, options.cache),  # type: ignore[misc]
            "mobilenetv1": lambda c=catalogue: by_teacher(options.shared / MODEL, c.pictures),  # type: ignore[misc]
            "compact": lambda c=catalogue: by_network("compact", "bundled", c.pictures, options.cache),  # type: ignore[misc]
        }
        names = {name: name for name in makers} | {"compact": f"compact-{digest}"}
        vectors = {name: kept(options.cache / f"{names[name]}-{stem}.npz", make) for name, make in makers.items()}
        vectors["compact without colour"] = vectors["compact"][:, :UNITS]
        for kind, labels in catalogue.labels.items():
            for name, found in vectors.items():
                result = evaluate(catalogue.ids, found, labels, query_ids=catalogue.queries)
                for metric, score in result.overall.items():
                    row = [catalogue.name, kind, name, str(metric), str(score.queries)]
                    figures = [score.precision[1], score.precision[5], score.mean_ap, score.chance_precision]
                    rows.append(row + [f"{figure:.3f}" for figure in figures])
                    scores["/".join(row[:4])] = [round(figure, 4) for figure in figures]
    print("| pictures | label | network | metric | queries | P@1 | P@5 | mAP@10 | chance |\n" + "|---" * 9 + "|")
    print("\n".join(f"| {' | '.join(row)} |" for row in rows))
    if options.json:
        options.json.write_text(json.dumps(scores, indent=1) + "\n")


if __name__ == "__main__":
    main()
