"""Writers of the weight files that people have, layer by layer; none uses the readers under test."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from indexing.weights.record import Layer


def write_legacy(path: Path, layers: Mapping[str, Layer], nested: bool = False, whole_model: bool = False) -> Path:
    """Keras 1 (`block1_conv1_W_1:0`) or Keras 2 (`block1_conv1/kernel:0`, nested), alone or inside a saved model."""
    with h5py.File(path, "w") as file:
        root = file.create_group("model_weights") if whole_model else file
        order = ["input_1", *layers, "flatten"]
        root.attrs["layer_names"] = np.array([name.encode() for name in order])
        for name in order:
            group = root.create_group(name)
            layer = layers.get(name)
            parts = (f"{name}/kernel:0", f"{name}/bias:0") if nested else (f"{name}_W_1:0", f"{name}_b_1:0")
            group.attrs["weight_names"] = np.array([part.encode() for part in parts] if layer else [], dtype="S64")
            if layer:
                group[parts[0]], group[parts[1]] = layer.kernel, layer.bias
    return path


def write_article(
    path: Path, layers: Mapping[str, Layer], convolutions: Mapping[int, int], flattened: tuple[int, int, int]
) -> Path:
    """The article's: every layer numbered, also those without parameters; kernels as Theano keeps them.

    convolutions: how many a block has, by block; flattened: (height, width, channels) of the map before the first dense layer.
    """
    plan: list[str | None] = []
    names = iter(layers)
    for count in convolutions.values():
        for _ in range(count):
            plan += [None, next(names)]  # zero-padding, convolution
        plan.append(None)  # pooling
    plan += [None, next(names), None, next(names), None]  # flatten, dense, dropout, dense, dropout
    with h5py.File(path, "w") as file:
        file.attrs["nb_layers"] = len(plan)
        first_dense = True
        for number, name in enumerate(plan):
            group = file.create_group(f"layer_{number}")
            group.attrs["nb_params"] = 2 if name else 0
            if name:
                kernel: Any = layers[name].kernel
                if kernel.ndim == 4:
                    kernel = np.rot90(np.moveaxis(kernel, (3, 2), (0, 1)), 2, axes=(2, 3))
                elif first_dense:
                    height, width, channels = flattened
                    rows = [
                        (y * width + x) * channels + c for c in range(channels) for y in range(height) for x in range(width)
                    ]
                    kernel, first_dense = kernel[rows], False
                group["param_0"], group["param_1"] = kernel, layers[name].bias
    return path
