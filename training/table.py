"""The model card's table: `python -m training.table SHARED --cache DIR` (SHARED holds photos/ and models/).

Every network of the product, the untouched EfficientNet-Lite0 and MobileNetV1 (the compact network's teacher) over the same
pictures: real photos that nobody trained on, those whose ids end in 0 or 9, asking among themselves; the committed demo; a
catalogue like it of emoji that training never saw; and one of new prints of the emoji that training used. Pictures drawn and
vectors are kept in DIR, so a second call is quick.
"""

import argparse
import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from demo.drawing import draw, random_spec
from indexing.engines import make_engine
from indexing.evaluation.scores import evaluate
from indexing.networks.efficientnet_lite import pixels
from indexing.networks.registry import get_network
from training.backbone import Backbone
from training.drawings import HELD_OUT, SEEN
from training.teacher import MODEL, Teacher

Pictures = Callable[[], Iterator[NDArray[np.uint8]]]
SEED: Final = 31_415_926  # of the drawn catalogues
EACH: Final = 25  # shirts of a family in them, as in the demo
BATCH: Final = 16


@dataclass(frozen=True)
class Catalogue:
    """Pictures with one or more kinds of label; drawn: whether they are made when they are asked for."""

    name: str
    ids: Sequence[str]
    pictures: Pictures
    labels: dict[str, dict[str, str]]
    drawn: bool = False


def read_labels(path: Path) -> dict[str, str]:
    with path.open(newline="") as lines:
        return {row["id"]: row["label"] for row in csv.DictReader(lines)}


def files(folder: Path, ids: Sequence[str]) -> Pictures:
    return lambda: (np.asarray(cv2.imread(str(folder / f"{name}.jpg"), cv2.IMREAD_COLOR), dtype=np.uint8) for name in ids)


def held_out_photos(shared: Path) -> Catalogue:
    """The photos that no network of ours was trained on, queries and gallery: their ids end in 0 or 9."""
    labels = read_labels(shared / "photos" / "labels.csv")
    ids = [name for name in sorted(labels) if int(name) % 10 in (0, 9)]
    return Catalogue("photos", ids, files(shared / "photos", ids), {"label": {name: labels[name] for name in ids}})


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
    return Catalogue(name, ids, lambda: (np.ascontiguousarray(draw(spec)[..., ::-1]) for spec, _ in specs), labels, drawn=True)


def drawn_anew(shop: Catalogue) -> tuple[Catalogue, Catalogue]:
    """The shop's families in new prints: of the emoji that training used, and of those it never saw."""
    families = sorted(set(shop.labels["motif"].values()))
    return drawn("new prints", families, SEEN, SEED), drawn("unseen emoji", families, HELD_OUT, SEED + 1)


def drawn_once(catalogue: Catalogue, path: Path) -> Pictures:
    """A drawn catalogue's pictures, kept: drawing takes longer than looking."""
    if not path.exists():
        np.save(path, np.stack(list(catalogue.pictures())))
    return lambda: iter(np.load(path))


def batches(pictures: Pictures) -> Iterator[list[NDArray[np.uint8]]]:
    every = pictures()
    while part := list(islice(every, BATCH)):
        yield part


def by_network(name: str, weights: str, pictures: Pictures, cache: Path) -> NDArray[np.float32]:
    """Vectors of a network of the product, by its own engine."""
    network = get_network(name)
    engine = make_engine("auto", network, network.load_weights(weights, 0), threads=2, cache_dir=cache)
    found = [engine.run(np.stack([network.prepare(picture) for picture in part])) for part in batches(pictures)]
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


def untouched(pictures: Pictures, cache: Path) -> NDArray[np.float32]:
    """EfficientNet-Lite0 as it comes: its last map pooled, without a head of ours."""
    backbone = Backbone(cache, threads=2)
    return np.concatenate([backbone(np.stack([pixels(each) for each in part]))[1] for part in batches(pictures)])


def makers(options: argparse.Namespace) -> dict[str, Callable[[Pictures], NDArray[np.float32]]]:
    """The networks that may be asked for, by the name that their vectors are kept under."""
    found: dict[str, Callable[[Pictures], NDArray[np.float32]]] = {
        "vgg16-untrained": lambda pictures: by_network("vgg16", "random", pictures, options.cache),
        "mobilenetv1": lambda pictures: by_teacher(options.shared / MODEL, pictures),
        "lite0-untouched": lambda pictures: untouched(pictures, options.cache),
    }
    for name in ("compact", "lite0"):
        found[name] = lambda pictures, name=name: by_network(name, "bundled", pictures, options.cache)  # type: ignore[misc]
    return found


def version(name: str) -> str:
    """What tells a bundled network's vectors from those of other weights or another preprocessing; empty for the rest."""
    if name not in ("compact", "lite0"):
        return ""
    network = get_network(name)
    return f"-{network.load_weights('bundled').digest[:12]}-{network.spec.preprocessing}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("shared", type=Path)
    parser.add_argument("--cache", type=Path, required=True)
    parser.add_argument(
        "--networks", nargs="+", default=["vgg16-untrained", "mobilenetv1", "lite0-untouched", "compact", "lite0"]
    )
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    known, scores = makers(options), dict[str, list[float]]()
    print("| pictures | label | network | metric | queries | P@1 | P@5 | mAP@10 | chance |\n" + "|---" * 9 + "|")
    shop = demo(Path("data/demo"))
    for catalogue in (held_out_photos(options.shared), shop, *reversed(drawn_anew(shop))):
        stem = catalogue.name.replace(" ", "-")
        pictures = drawn_once(catalogue, options.cache / f"pictures-{stem}.npy") if catalogue.drawn else catalogue.pictures
        for name in options.networks:
            path = options.cache / f"{name}{version(name)}-{stem}-vectors.npz"
            vectors = kept(path, lambda: known[name](pictures))  # noqa: B023  (called at once)
            for kind, labels in catalogue.labels.items():
                for metric, score in evaluate(catalogue.ids, vectors, labels).overall.items():
                    row = [catalogue.name, kind, name, str(metric), str(score.queries)]
                    figures = [score.precision[1], score.precision[5], score.mean_ap, score.chance_precision]
                    print(f"| {' | '.join(row + [f'{figure:.3f}' for figure in figures])} |", flush=True)
                    scores["/".join(row[:4])] = [round(figure, 4) for figure in figures]
    if options.json:
        options.json.write_text(json.dumps(scores, indent=1) + "\n")


if __name__ == "__main__":
    main()
