"""The locator's head: `python -m training.heads.locator CACHE` reads the chunks of training.scenes.dataset, writes locator.npz.

Every 10th scene judges. Layers are named as in the product's graph; the maps' standardisation is folded into the first of each.
"""

import argparse
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

WIDTH: Final = 32
INNER: Final = 24
CHANNELS: Final = {8: 40, 16: 112, 32: 320}
EPOCHS: Final = 8
BATCH: Final = 32
RATE: Final = 3e-3
DECAY: Final = 0.05
SEED: Final = 20261125
Maps = dict[int, Tensor]  # stride → (n, channels, h, w)


class LocatorHead(nn.Module):
    """Maps of strides 8, 16 and 32 → logits (n, 2, 28, 28): print, garment."""

    def __init__(self) -> None:
        super().__init__()
        self.sides = nn.ModuleDict({str(stride): nn.Conv2d(count, WIDTH, 1) for stride, count in CHANNELS.items()})
        self.near = nn.Conv2d(WIDTH, INNER, 3, padding=1)
        self.marks = nn.Conv2d(INNER, 2, 1)
        self.dropout = nn.Dropout2d(0.1)

    def forward(self, maps: Maps) -> Tensor:
        coarse = functional.interpolate(self.sides["32"](maps[32]), scale_factor=2, mode="nearest") + self.sides["16"](maps[16])
        fine = functional.interpolate(coarse, scale_factor=2, mode="nearest") + self.sides["8"](maps[8])
        joined = self.dropout(functional.relu6(fine))
        return self.marks(functional.relu(self.near(joined)))


def losses(logits: Tensor, masks: Tensor) -> Tensor:
    """(2,): cross entropy of the cells of print and garment, those left out of which nobody knows."""
    truth, known = masks[:, :2].float() / 255, masks[:, 2:].float() / 255
    known = torch.cat([known, torch.maximum(known, truth[:, 1:])], 1)
    each = functional.binary_cross_entropy_with_logits(logits, truth, reduction="none")
    return (each * known).sum((0, 2, 3)) / known.sum((0, 2, 3))


def load(cache: Path) -> tuple[Maps, Tensor]:
    """Every chunk in the cache: standardisation is left to the caller."""
    maps: dict[int, list[NDArray[Any]]] = {stride: [] for stride in CHANNELS}
    masks: list[NDArray[Any]] = []
    for path in sorted(cache.glob("scenes-???.npz")):
        with np.load(path) as chunk:
            masks.append(chunk["masks"])
            for stride, kept in maps.items():
                kept.append(chunk[f"stride{stride}"].transpose(0, 3, 1, 2))
    joined = {stride: torch.from_numpy(np.ascontiguousarray(np.concatenate(kept))) for stride, kept in maps.items()}
    return joined, torch.from_numpy(np.concatenate(masks))


def statistics(maps: Maps) -> dict[int, tuple[Tensor, Tensor]]:
    """Mean and deviation of each channel of each map, over the first scenes."""
    some = {stride: values[:600].float() for stride, values in maps.items()}
    return {stride: (values.mean((0, 2, 3)), values.std((0, 2, 3)) + 1e-3) for stride, values in some.items()}


def standardised(maps: Maps, rows: Tensor, norms: Mapping[int, tuple[Tensor, Tensor]], mirrored: bool) -> Maps:
    found = {}
    for stride, values in maps.items():
        mean, deviation = (each[:, None, None] for each in norms[stride])
        value = (values[rows].float() - mean) / deviation
        found[stride] = value.flip(3) if mirrored else value
    return found


def arrays(head: LocatorHead, norms: Mapping[int, tuple[Tensor, Tensor]]) -> Iterator[tuple[str, NDArray[np.float32]]]:
    """`<layer>/kernel` and `<layer>/bias` as the product reads them, standardisation folded in."""
    layers = {f"locate{stride}": head.sides[str(stride)] for stride in CHANNELS}
    layers |= {"locate_near": head.near, "locate_marks": head.marks}
    for name, layer in layers.items():
        kernel, bias = layer.weight.detach().double(), layer.bias.detach().double()
        if name[6:].isdigit():
            mean, deviation = norms[int(name[6:])]
            kernel = kernel / deviation[None, :, None, None]
            bias = bias - (kernel[:, :, 0, 0] @ mean.double())
        yield f"{name}/kernel", kernel.permute(2, 3, 1, 0).numpy().astype(np.float32)
        yield f"{name}/bias", bias.numpy().astype(np.float32)


def train(cache: Path) -> None:
    torch.manual_seed(SEED)
    maps, masks = load(cache)
    norms = statistics(maps)
    judging = torch.arange(len(masks)) % 10 == 0
    learning, held = (~judging).nonzero()[:, 0], judging.nonzero()[:, 0]
    head, began = LocatorHead(), time.monotonic()
    optimiser = torch.optim.AdamW(head.parameters(), RATE, weight_decay=DECAY)
    steps = EPOCHS * (len(learning) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, steps)
    for epoch in range(EPOCHS):
        head.train()
        order = learning[torch.randperm(len(learning))]
        for start in range(0, len(order) - BATCH + 1, BATCH):
            rows, mirrored = order[start : start + BATCH], bool(torch.rand(1) < 0.5)
            truth = masks[rows].flip(3) if mirrored else masks[rows]
            loss = losses(head(standardised(maps, rows, norms, mirrored)), truth).sum()
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
        head.eval()
        with torch.no_grad():
            logits = torch.cat([head(standardised(maps, part, norms, False)) for part in held.split(64)])
        loss, seen, true = losses(logits, masks[held]), logits > 0, masks[held, :2] > 127
        overlap = (seen & true).sum((0, 2, 3)) / (seen | true).sum((0, 2, 3))
        figures = ", ".join(f"{value:.3f}" for value in (*loss.tolist(), *overlap.tolist()))
        print(
            f"epoch {epoch}: loss of print and garment, overlap of each: {figures}; {time.monotonic() - began:.0f} s",
            flush=True,
        )
    np.savez(cache / "locator.npz", **dict(arrays(head, norms)))  # type: ignore[arg-type]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    train(parser.parse_args().cache)


if __name__ == "__main__":
    main()
