"""Train the compact network on a teacher's cached answers and drawn shirts.

`python -m indexing.training.train CACHE --until HH:MM`

Runs on two CPU cores in bfloat16. Its state is saved every two minutes; started again, it goes on from there.
"""

import argparse
import copy
import csv
import datetime as dt
import json
import os
import time
from dataclasses import asdict
from pathlib import Path

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from indexing.networks.compact import UNITS, compact_graph
from indexing.training.augment import crops, jitter
from indexing.training.model import GraphModel
from indexing.training.recipe import Recipe

SAVE_EVERY, JUDGE_EVERY = 120.0, 300.0  # seconds


class Photos:
    """The teacher's cache: `rounds` crops of each photo, the teacher's answer to each, the photo's label."""

    def __init__(self, cache: Path) -> None:
        meta = np.load(cache / "meta.npz")
        self.ids, self.labels, self.folders = meta["ids"], meta["labels"], meta["dirs"]
        self.pixels = np.load(cache / "crops.npy", mmap_mode="r")
        names = sorted({str(label) for label in self.labels} - {""})
        self.classes = np.array([names.index(label) if label else -1 for label in self.labels])
        self.names = names
        self.tuning = np.array([int(name) % 10 == 9 for name in self.ids])
        answers = np.load(cache / "teach.npy").astype(np.float32)
        standard = (answers - answers.mean(0)) / (answers.std(0) + 1e-3)
        standard /= np.linalg.norm(standard, axis=1, keepdims=True)
        _, vectors = np.linalg.eigh(standard.T @ standard)
        self.targets = torch.from_numpy((standard @ vectors[:, -UNITS:]).astype(np.float32))


class Drawings:
    """The drawn shirts so far: more may be added while training runs."""

    def __init__(self, cache: Path) -> None:
        self.cache, self.names, self.classes = cache, list[str](), np.zeros(0, np.int64)
        self.pixels = np.load(cache / "drawn.npy", mmap_mode="r")

    def refresh(self, limit: int) -> None:
        """Take in what has been drawn since; classes are numbered in the order in which they are first seen."""
        drawn = json.loads((self.cache / "drawn.json").read_text())
        numbers = {name: number for number, name in enumerate(self.names)}
        for name in drawn:
            numbers.setdefault(name, len(numbers))
        self.names = list(numbers)[:limit]
        self.classes = np.array([numbers[name] for name in drawn])


class Heads(nn.Module):
    """Classifiers that only training needs: a direction for each label and each family of prints."""

    def __init__(self, labels: int, families: int) -> None:
        super().__init__()
        self.labels = nn.Parameter(torch.randn(labels, UNITS) * 0.05)
        self.families = nn.Parameter(torch.randn(families, UNITS) * 0.05)


def contrast(vectors: Tensor, classes: Tensor, temperature: float) -> Tensor:
    """Supervised contrast (Khosla et al., 2020): shirts of one class near each other, away from the others. Unit vectors."""
    same = classes[:, None] == classes[None, :]
    itself = torch.eye(len(classes), dtype=torch.bool)
    logits = (vectors @ vectors.t() / temperature).masked_fill(itself, -1e4)
    shares = logits.log_softmax(1)
    positive = same & ~itself
    return -((shares * positive).sum(1) / positive.sum(1).clamp(min=1)).mean()


def rate_at(share: float, recipe: Recipe) -> float:
    """Linear warm-up, then half a cosine to 1 % of the rate."""
    if share < recipe.warm_up:
        return recipe.rate * max(share / recipe.warm_up, 0.02)
    progress = (share - recipe.warm_up) / (1 - recipe.warm_up)
    return recipe.rate * (0.01 + 0.99 * 0.5 * (1 + float(np.cos(np.pi * min(progress, 1.0)))))


def as_tensor(values: NDArray[np.float32]) -> Tensor:
    return torch.from_numpy(values).permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last)


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
    labels: NDArray,
    theirs: NDArray,
    k: int = 5,
) -> float:
    """P@k by cosine; own: each query's row of the gallery, left out."""
    closeness = queries @ gallery.T
    closeness[np.arange(len(own)), own] = -9
    nearest = np.argsort(-closeness, axis=1)[:, :k]
    return float((theirs[nearest] == labels[:, None]).mean())


def judge(model: GraphModel, photos: Photos, drawn_check: tuple[NDArray[np.uint8], NDArray] | None) -> dict[str, float]:
    """P@5 of the photos kept for tuning among all training photos of the first folder; motif P@5 of held-out drawings."""
    rows = np.flatnonzero(photos.folders == "photos")
    vectors = embed(model, photos.pixels[rows])
    labels = photos.labels[rows]
    own = np.flatnonzero(photos.tuning[rows])
    scores = {"photos": share_of_label(vectors[own], vectors, own, labels[own], labels)}
    if drawn_check is not None:
        drawn = embed(model, drawn_check[0])
        every = np.arange(len(drawn))
        scores["motif"] = share_of_label(drawn, drawn, every, drawn_check[1], drawn_check[1])
    return scores


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--until", required=True, help="HH:MM (UTC), when training ends")
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    recipe, cache = Recipe(), options.cache
    (cache / "pid").write_text(str(os.getpid()))
    (cache / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1))
    torch.set_num_threads(options.threads)
    cv2.setNumThreads(1)
    torch.manual_seed(recipe.seed)
    rng = np.random.default_rng([recipe.seed, int(time.time())])
    photos, drawings = Photos(cache), Drawings(cache)
    drawings.refresh(2000)
    model = GraphModel(compact_graph(recipe.sides[0][1])).to(memory_format=torch.channels_last)
    heads = Heads(len(photos.names), 2000)
    average = copy.deepcopy(model)
    decays = [p for p in model.parameters() if p.ndim > 1]
    others = [p for p in [*model.parameters(), *heads.parameters()] if all(p is not d for d in decays)]
    optimiser = torch.optim.AdamW(
        [{"params": decays, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}], lr=recipe.rate
    )
    clock = dt.datetime.now(dt.UTC)
    hour, minute = map(int, options.until.split(":"))
    end = clock.replace(hour=hour, minute=minute, second=0).timestamp()
    begin, step, pictures = time.time(), 0, 0
    state_file = cache / "state.pt"
    if state_file.exists():
        state = torch.load(state_file, weights_only=False)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        heads.load_state_dict(state["heads"])
        optimiser.load_state_dict(state["optimiser"])
        begin, step, pictures = state["begin"], state["step"], state["pictures"]
        drawings.names = state["names"]
        drawings.refresh(2000)
    check = np.load(cache / "held_out.npz") if (cache / "held_out.npz").exists() else None
    held_out = (check["pixels"], check["labels"]) if check is not None else None
    rounds = len(photos.pixels) // len(photos.ids)
    curve = csv.writer((cache / "curve.csv").open("a", buffering=1))
    saved = judged = time.time()
    sums: dict[str, float] = {}
    while (share := (time.time() - begin) / (end - begin)) < 1:
        side = [s for at, s in recipe.sides if share >= at][-1]
        for group in optimiser.param_groups:
            group["lr"] = rate_at(share, recipe)
        allowed = np.arange(len(photos.ids)) if share >= recipe.tuning_until else np.flatnonzero(~photos.tuning)
        chosen = rng.choice(allowed, recipe.photos, replace=False)
        rows = chosen + len(photos.ids) * rng.integers(rounds, size=recipe.photos)
        pairs = rng.choice(len(drawings.classes) // 2, recipe.drawings // 2, replace=False)
        drawn = np.stack([2 * pairs, 2 * pairs + 1], 1).reshape(-1)
        sources = np.concatenate([photos.pixels[np.sort(rows)], drawings.pixels[np.sort(drawn)]])
        rows, drawn = np.sort(rows), np.sort(drawn)
        views = crops(sources, side, recipe.least_crop, rng)
        inputs = as_tensor(jitter(views, recipe.jitter, rng))
        model.train()
        with torch.autocast("cpu", dtype=torch.bfloat16):
            outputs = model(inputs)
        vectors = functional.normalize(outputs.float())
        photo, shirt = vectors[: recipe.photos], vectors[recipe.photos :]
        losses = {"teacher": (1 - functional.cosine_similarity(photo, photos.targets[rows])).mean()}
        classes = torch.from_numpy(photos.classes[rows % len(photos.ids)])
        known = classes >= 0
        logits = recipe.sharpness * photo[known] @ functional.normalize(heads.labels).t()
        losses["label"] = functional.cross_entropy(logits, classes[known], label_smoothing=recipe.smoothing)
        families = torch.from_numpy(drawings.classes[drawn])
        logits = recipe.sharpness * shirt @ functional.normalize(heads.families[: len(drawings.names)]).t()
        losses["family"] = functional.cross_entropy(logits, families, label_smoothing=recipe.smoothing)
        losses["pair"] = contrast(shirt, families, recipe.temperature)
        total = (
            recipe.teacher_weight * losses["teacher"]
            + recipe.label_weight * losses["label"]
            + recipe.family_weight * losses["family"]
            + recipe.pair_weight * losses["pair"]
        )
        optimiser.zero_grad(set_to_none=True)
        total.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        step, pictures = step + 1, pictures + len(inputs)
        keep = min(recipe.average, (1 + step) / (10 + step))
        with torch.no_grad():
            for mean, value in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
                if mean.dtype.is_floating_point:
                    mean.lerp_(value, 1 - keep)
        for name, loss in losses.items():
            sums[name] = 0.98 * sums.get(name, loss.item()) + 0.02 * loss.item()
        now = time.time()
        if step % 20 == 0:
            told = " ".join(f"{name} {value:.3f}" for name, value in sums.items())
            cpu = time.process_time()
            print(f"{step} {share:.3f} side {side} {pictures / (now - begin):.0f}/s cpu {cpu:.0f} s {told}", flush=True)
        if now - judged > JUDGE_EVERY:
            judged = now
            scores = judge(average, photos, held_out)
            print(f"{step} {share:.3f} P@5 {scores}", flush=True)
            curve.writerow(
                [step, pictures, round(now - begin), side, *(round(v, 4) for v in [*sums.values(), *scores.values()])]
            )
            drawings.refresh(2000)
        if now - saved > SAVE_EVERY:
            saved = now
            save(state_file, model, average, heads, optimiser, begin, step, pictures, drawings.names)
    save(state_file, model, average, heads, optimiser, begin, step, pictures, drawings.names)
    print("done", step, pictures, judge(average, photos, held_out), flush=True)


def save(
    path: Path,
    model: GraphModel,
    average: GraphModel,
    heads: Heads,
    optimiser: torch.optim.Optimizer,
    begin: float,
    step: int,
    pictures: int,
    names: list[str],
) -> None:
    """Written aside, then renamed: a stop in the middle leaves the last one."""
    state = {"model": model.state_dict(), "average": average.state_dict(), "heads": heads.state_dict()}
    state |= {"optimiser": optimiser.state_dict(), "begin": begin, "step": step, "pictures": pictures, "names": names}
    torch.save(state, path.with_suffix(".part"))
    path.with_suffix(".part").replace(path)


if __name__ == "__main__":
    main()
