"""The trained network as the product reads it: `python -m training.export CACHE [--out indexing/weights]`.

Writes compact.npz (large kernels in bytes with a scale for each output channel, the rest in half floats) and compact.json.
"""

import argparse
import datetime as dt
import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from indexing.networks.compact import COMPACT, compact_graph
from training.data import Drawings, Photos
from training.model import Arrays, GraphModel, as_tensor

BYTES_FROM: Final = 30_000  # numbers in a kernel; smaller ones stay half floats
LEVELS: Final = 127
BATCH: Final = 128


def settle(model: GraphModel, cache: Path, count: int = 2560) -> None:
    """Measure the batch norms' means and variances anew, at the product's size of picture, unchanged by light or crop."""
    photos, drawings = Photos(cache), Drawings(cache)
    drawings.refresh()
    for norm in model.norms.values():
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over all batches
    rng = np.random.default_rng(0)
    model.train()
    with torch.no_grad(), torch.autocast("cpu", dtype=torch.bfloat16):
        for _ in range(count // BATCH):
            rows = np.sort(rng.choice(len(photos.ids), BATCH * 3 // 5, replace=False))
            drawn = np.sort(rng.choice(len(drawings.classes), BATCH - len(rows), replace=False))
            pictures = [*photos.pixels[rows], *drawings.pixels[drawn]]
            model(as_tensor(COMPACT.graph_rows(np.stack([COMPACT.prepare(picture) for picture in pictures]))))
    model.eval()


def packed(arrays: Arrays) -> Arrays:
    """`<layer>/kernel` and `/bias` in float32 → as stored: int8 kernels with `<layer>/scale`, or float16."""
    stored: Arrays = {}
    for name, values in arrays.items():
        if name.endswith("/kernel") and values.size >= BYTES_FROM:
            scale = np.abs(values).reshape(-1, values.shape[-1]).max(0) / LEVELS
            scale = np.maximum(scale, 1e-12).astype(np.float32)
            stored[name] = np.rint(values / scale).astype(np.int8)
            stored[name.replace("/kernel", "/scale")] = scale
        else:
            stored[name] = values.astype(np.float16 if name.endswith("/kernel") else np.float32)
    return stored


def archive(arrays: Arrays) -> bytes:
    """An .npz whose bytes depend on its arrays alone: no clock in it, so equal weights have equal digests."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as folder:
        for name, values in arrays.items():
            part = io.BytesIO()
            np.lib.format.write_array(part, np.ascontiguousarray(values), allow_pickle=False)
            folder.writestr(zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), part.getvalue())
    return file.getvalue()


def record(weights: bytes, state: dict[str, Any], recipe: dict[str, Any]) -> dict[str, Any]:
    """What stands in compact.json beside the weights."""
    return {
        "network": COMPACT.spec.name,
        "preprocessing": COMPACT.spec.preprocessing,
        "sha256": hashlib.sha256(weights).hexdigest(),
        "bytes": len(weights),
        "parameters": sum(int(np.prod(kernel)) + bias[0] for kernel, bias in COMPACT.graph.parameters.values()),
        "trained": dt.datetime.now(dt.UTC).date().isoformat(),
        "begun_with": state["origin"],
        "steps": state["step"],
        "pictures": state["pictures"],
        "recipe": recipe,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cache", type=Path)
    parser.add_argument("--out", type=Path, default=Path("indexing/weights"))
    options = parser.parse_args()
    state = torch.load(options.cache / "state.pt", weights_only=False)
    model = GraphModel(compact_graph())
    model.load_state_dict(state["average"])
    settle(model, options.cache)
    weights = archive(packed(model.folded()))
    note = record(weights, state, json.loads((options.cache / "recipe.json").read_text()))
    (options.out / "compact.npz").write_bytes(weights)
    (options.out / "compact.json").write_text(json.dumps(note, indent=2) + "\n")
    print(f"{len(weights):,} bytes, sha256 {note['sha256']}")


if __name__ == "__main__":
    main()
