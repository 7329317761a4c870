"""Train the compact network on a teacher's cached answers and drawn shirts.

`python -m training.train CACHE --until HH:MM [--onward]`

Runs on CPU cores in bfloat16. Each batch is cut in `Recipe.threads` parts with a thread for each: on a busy machine PyTorch's
own threads, which wait for one another inside every layer, took three times the processor time. The state is saved every two
minutes; started again, it goes on from there. --onward begins with the bundled weights, not with chance.
"""

import argparse
import copy
import csv
import datetime as dt
import json
import os
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict
from functools import partial
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import nn

from indexing.networks.compact import compact_graph
from indexing.networks.registry import get_network
from training.augment import jitter, resize
from training.data import MOST_CLASSES, Drawings, Photos, Sampler
from training.judging import Labelled, held_out, judge
from training.losses import Heads, gradients
from training.model import GraphModel, as_tensor
from training.recipe import Recipe
from training.teacher import SIDE

SAVE_EVERY, JUDGE_EVERY, TELL_EVERY = 120.0, 600.0, 20  # seconds, seconds, steps


def rate_at(share: float, recipe: Recipe) -> float:
    """Linear warm-up, then half a cosine to 1 % of the rate."""
    if share < recipe.warm_up:
        return recipe.rate * max(share / recipe.warm_up, 0.02)
    progress = (share - recipe.warm_up) / (1 - recipe.warm_up)
    return recipe.rate * (0.01 + 0.99 * 0.5 * (1 + float(np.cos(np.pi * min(progress, 1.0)))))


class Run:
    """A training run: what is learned, how far it is, and its state on disk."""

    def __init__(self, cache: Path, recipe: Recipe, end: float, *, onward: bool) -> None:
        self.file, self.recipe, self.end = cache / "state.pt", recipe, end
        self.photos, self.drawings = Photos(cache), Drawings(cache)
        self.model = GraphModel(compact_graph(recipe.sides[0][1])).to(memory_format=torch.channels_last)
        self.drawings.refresh()
        self.origin = self._take_over_bundled() if onward else "chance"
        self.heads = Heads(len(self.photos.names), MOST_CLASSES)
        self.average = copy.deepcopy(self.model)
        self.parameters = [*self.model.parameters(), *self.heads.parameters()]
        decayed = [parameter for parameter in self.model.parameters() if parameter.ndim > 1]
        known = {id(parameter) for parameter in decayed}
        others = [parameter for parameter in self.parameters if id(parameter) not in known]
        groups = [{"params": decayed, "weight_decay": recipe.weight_decay}, {"params": others, "weight_decay": 0.0}]
        self.optimiser = torch.optim.AdamW(groups, lr=recipe.rate)
        self.parts = {"model": self.model, "average": self.average, "heads": self.heads, "optimiser": self.optimiser}
        self.begin, self.step, self.pictures = time.time(), 0, 0
        if self.file.exists():
            state = torch.load(self.file, weights_only=False)
            for name, part in self.parts.items():
                part.load_state_dict(state[name])
            self.begin, self.step, self.pictures, self.origin = (state[key] for key in ("begin", "step", "pictures", "origin"))
            self.drawings.names = state["names"]
            self.drawings.refresh()
        rng = np.random.default_rng([recipe.seed, self.step])
        self.generators = rng.spawn(recipe.threads)
        self.pool = ThreadPoolExecutor(recipe.threads)

    def _take_over_bundled(self) -> str:
        """Go on from the weights in indexing/weights; their digest."""
        weights = get_network("compact").load_weights("bundled")
        shapes = compact_graph().parameters
        arrays = {
            f"{name}/{part}": values
            for name, layer in weights.reader.layers(shapes)
            for part, values in (("kernel", layer.kernel), ("bias", layer.bias))
        }
        shirts = self.drawings.pixels[: len(self.drawings.classes) : max(1, len(self.drawings.classes) // 256)]
        pictures = np.concatenate([self.photos.pixels[:256], [resize(shirt, SIDE) for shirt in shirts]])
        small = np.stack([resize(picture, 96) for picture in pictures])
        self.model.unfold(arrays, as_tensor(jitter(small, 0, np.random.default_rng(0))))
        return weights.digest

    @property
    def share(self) -> float:
        """How much of the run's time is over."""
        return (time.time() - self.begin) / (self.end - self.begin)

    @property
    def side(self) -> int:
        """The pictures' side now, pixels."""
        return [side for start, side in self.recipe.sides if self.share >= start][-1]

    def save(self) -> None:
        """Written aside, then renamed: a stop in the middle leaves the last one."""
        state = {name: part.state_dict() for name, part in self.parts.items()}
        state |= {"begin": self.begin, "step": self.step, "pictures": self.pictures, "origin": self.origin}
        state["names"] = self.drawings.names
        torch.save(state, self.file.with_suffix(".part"))
        self.file.with_suffix(".part").replace(self.file)

    def learn(self) -> dict[str, float]:
        """One step; the losses by name."""
        recipe, photos = self.recipe, self.photos
        for group in self.optimiser.param_groups:
            group["lr"] = rate_at(self.share, recipe)
        allowed = np.flatnonzero(~photos.tuning)  # those of ids ending in 9 only judge
        self.model.train()
        sampler = Sampler(photos, self.drawings, allowed, recipe, self.side)
        parts = list(self.pool.map(partial(gradients, self.model, self.heads, sampler), self.generators))
        for parameter, *slopes in zip(self.parameters, *(part[0] for part in parts), strict=True):
            parameter.grad = torch.stack(slopes).mean(0)
        nn.utils.clip_grad_norm_(self.model.parameters(), 5.0)
        self.optimiser.step()
        self.step, self.pictures = self.step + 1, self.pictures + recipe.photos + recipe.drawings
        keep = min(recipe.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for mean, value in zip(self.average.state_dict().values(), self.model.state_dict().values(), strict=True):
                if mean.dtype.is_floating_point:
                    mean.lerp_(value, 1 - keep)
        return {name: sum(part[1][name] for part in parts) / len(parts) for name in parts[0][1]}


def train(run: Run, curve: Path, drawings: Mapping[str, Labelled]) -> None:
    """Learn until the run's time is over; tell, judge and save now and then. `curve`: a CSV that grows by a row a judgement."""
    rows = csv.writer(curve.open("a", buffering=1))
    saved = judged = time.time()
    means: dict[str, float] = {}

    def record() -> None:
        scores = judge(run.average, run.photos, drawings)
        print(f"{run.step} {run.share:.3f} P@5 {scores}", flush=True)
        figures = [round(value, 4) for value in [*means.values(), *scores.values()]]
        rows.writerow([run.step, run.pictures, round(time.time() - run.begin), run.side, *figures])

    while run.share < 1:
        for name, loss in run.learn().items():
            means[name] = 0.98 * means.get(name, loss) + 0.02 * loss
        now = time.time()
        if run.step % TELL_EVERY == 0:
            told = " ".join(f"{name} {value:.3f}" for name, value in means.items())
            print(f"{run.step} {run.share:.3f} side {run.side} cpu {time.process_time():.0f} s {told}", flush=True)
        if now - judged > JUDGE_EVERY:
            judged = now
            record()
        if now - saved > SAVE_EVERY:
            saved = now
            run.save()
            run.drawings.refresh()
    run.save()
    if means:  # else the time was over before this began
        record()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--until", required=True, help="HH:MM (UTC), when training ends")
    parser.add_argument("--onward", action="store_true", help="begin with the bundled weights")
    options = parser.parse_args()
    recipe, cache = Recipe(), options.cache
    (cache / "pid").write_text(str(os.getpid()))
    (cache / "recipe.json").write_text(json.dumps(asdict(recipe), indent=1))
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    torch.manual_seed(recipe.seed)
    hour, minute = map(int, options.until.split(":"))
    end = dt.datetime.now(dt.UTC).replace(hour=hour, minute=minute, second=0).timestamp()
    train(Run(cache, recipe, end, onward=options.onward), cache / "curve.csv", held_out(cache))


if __name__ == "__main__":
    main()
