"""Networks converted for MNN, kept on disk: one folder for each network, its weights and the version of MNN.

A folder is written under another name and renamed, so it is complete or absent. Its files' digests are checked before use.
"""

import hashlib
import json
import math
import os
import shutil
import tempfile
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from filelock import FileLock

from indexing.engines.child import in_child
from indexing.errors import EngineError
from indexing.networks.base import Network
from indexing.networks.graph import Graph
from indexing.networks.onnx_model import write_onnx
from indexing.weights.record import Weights
from indexing.weights.sources import file_digest

MODEL: Final = "network.mnn"
NUMBERS: Final = "network.mnn.weight"  # the converter's own name for the weights beside a model
CONTENTS: Final = "contents.json"
PROOF: Final = "proof.json"
PART_PREFIX: Final = ".making-"


def mnn_version() -> str | None:
    """The installed MNN's version, or None; nothing is imported to ask."""
    try:
        return version("MNN")
    except PackageNotFoundError:
        return None


def model_folder(network: Network, digest: str, cache_dir: Path) -> Path:
    """Where the converted model of this network with weights of this digest belongs."""
    graph = hashlib.sha256(repr(network.graph).encode()).hexdigest()
    return cache_dir / "models" / f"{network.spec.name}-{digest[:16]}-{graph[:8]}-mnn{mnn_version()}"


def is_whole(folder: Path) -> bool:
    """Whether the folder holds the files that were converted into it, byte for byte."""
    contents = read_json(folder / CONTENTS)
    return contents is not None and all(
        (folder / name).is_file() and file_digest(folder / name) == digest for name, digest in contents.items()
    )


def converted(network: Network, weights: Weights, cache_dir: Path) -> Path:
    """The folder of the converted model, converting first when it is missing or damaged. Raises EngineError, WeightsError."""
    folder = model_folder(network, weights.digest, cache_dir)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / ".lock"):  # two processes must not convert the same half gigabyte at once
            if not is_whole(folder):
                _remove_leftovers(folder)
                _convert_into(network.graph, weights, folder)
    except OSError as error:
        raise EngineError(
            f"The converted network cannot be kept in {folder.parent}: {error.strerror or error}. "
            "Make room, set CACHE_DIR to another place, or use --engine tensorflow."
        ) from error
    return folder


def _remove_leftovers(folder: Path) -> None:
    """A damaged model, and what killed conversions left: nobody else is converting while the lock is held."""
    for path in [folder, *folder.parent.glob(f"{PART_PREFIX}*")]:
        if path.exists():
            shutil.rmtree(path)


def _convert_into(graph: Graph, weights: Weights, folder: Path) -> None:
    needed = 2 * sum(4 * math.prod(kernel) for kernel, _ in graph.parameters.values())
    free = shutil.disk_usage(folder.parent).free
    if free < needed:
        raise OSError(28, f"conversion needs {needed // 10**6} MB for a moment and {free // 10**6} MB are free")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=PART_PREFIX) as name:
        part = Path(name) / folder.name
        part.mkdir()
        in_child(convert, graph, weights, part)
        contents = {name: file_digest(part / name) for name in (MODEL, NUMBERS) if (part / name).is_file()}
        (part / CONTENTS).write_text(json.dumps(contents, indent=1))
        part.rename(folder)


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


def read_json(path: Path) -> dict[str, Any] | None:
    """A JSON object from a file; None when it is missing or not one."""
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None
