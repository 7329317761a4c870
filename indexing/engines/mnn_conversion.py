"""From a graph to MNN's own format, by MNN's converter."""

import os
from pathlib import Path
from typing import Final

from indexing.errors import EngineError
from indexing.networks.graph import Graph
from indexing.networks.onnx_model import write_onnx
from indexing.weights.record import Weights

MODEL: Final = "network.mnn"
NUMBERS: Final = "network.mnn.weight"  # the converter's own name for the weights beside a model


def convert(graph: Graph, weights: Weights, folder: Path) -> None:
    """Write MODEL, and NUMBERS beside it, into `folder`. Only in a child: beside TensorFlow the extension aborts the process.

    MNN's console command installs a logging package with pip and reports to its makers; the extension under it does neither.
    Weights lie beside the model, not in it: MNN would keep a model's bytes in memory as well as the weights it reads from them.
    """
    import _tools  # type: ignore[import-not-found]  # MNN's converter, a top-level extension without stubs

    folder = folder.resolve()
    onnx_path = folder / "network.onnx"
    write_onnx(graph, weights, onnx_path)
    arguments = ["--modelFile", str(onnx_path), "--MNNModel", str(folder / MODEL), "--bizCode", "recommender"]
    # The converter keeps half a gigabyte of its own in the working directory while it runs: have it beside the result.
    os.chdir(folder.parent)
    succeeded = _tools.mnnconvert(["mnnconvert", "-f", "ONNX", *arguments, "--saveExternalData"])
    if not succeeded or not (folder / MODEL).is_file():
        raise EngineError("MNN cannot convert this network: use --engine tensorflow.")
    onnx_path.unlink()
    onnx_path.with_name(onnx_path.name + ".data").unlink()
