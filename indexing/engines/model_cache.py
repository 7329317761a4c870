"""Networks converted for an engine, kept on disk: one folder for each network, its weights and the version of the engine.

A folder is written under another name and renamed, so it is complete or absent. Its files' digests are checked before use.
"""

import hashlib
import json
import math
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from filelock import FileLock

from indexing.engines import mnn_conversion, openvino_engine
from indexing.engines.child import in_child
from indexing.errors import EngineError
from indexing.networks.base import Network
from indexing.networks.graph import Graph
from indexing.weights.record import Weights
from indexing.weights.sources import file_digest

CONTENTS: Final = "contents.json"
PART_PREFIX: Final = ".making-"


@dataclass(frozen=True, slots=True)
class Format:
    """How an engine keeps a network. name: the engine's; package: what is installed, as pip names it; module: as Python does;
    files: what `convert` writes into a folder, as far as the network needs them.
    """

    name: str
    package: str
    module: str
    files: tuple[str, ...]
    convert: Callable[[Graph, Weights, Path], None]


MNN: Final = Format("mnn", "MNN", "MNN", (mnn_conversion.MODEL, mnn_conversion.NUMBERS), mnn_conversion.convert)
OPENVINO: Final = Format("openvino", "openvino", "openvino", openvino_engine.FILES, openvino_engine.export)
FORMATS: Final = {format_.name: format_ for format_ in (MNN, OPENVINO)}


def installed_version(package: str) -> str | None:
    """The installed package's version, or None; nothing is imported to ask."""
    try:
        return version(package)
    except PackageNotFoundError:
        return None


def model_stem(network: Network, digest: str, cache_dir: Path) -> Path:
    """What the paths of all that is kept of this network with weights of this digest begin with."""
    graph = hashlib.sha256(repr(network.graph).encode()).hexdigest()
    return cache_dir / "models" / f"{network.spec.name}-{digest[:16]}-{graph[:8]}"


def model_folder(network: Network, digest: str, cache_dir: Path, kind: Format = MNN) -> Path:
    """Where the converted model of this network with weights of this digest belongs."""
    stem = model_stem(network, digest, cache_dir)
    return stem.with_name(f"{stem.name}-{kind.name}{installed_version(kind.package)}")


def is_whole(folder: Path) -> bool:
    """Whether the folder holds the files that were converted into it, byte for byte."""
    contents = read_json(folder / CONTENTS)
    return contents is not None and all(
        (folder / name).is_file() and file_digest(folder / name) == digest for name, digest in contents.items()
    )


def converted(network: Network, weights: Weights, cache_dir: Path, kind: Format = MNN) -> Path:
    """The folder of the converted model, converting first when it is missing or damaged. Raises EngineError, WeightsError."""
    folder = model_folder(network, weights.digest, cache_dir, kind)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(folder.parent / ".lock"):  # two processes must not convert the same half gigabyte at once
            if not is_whole(folder):
                _remove_leftovers(folder)
                _convert_into(network.graph, weights, folder, kind)
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


def _convert_into(graph: Graph, weights: Weights, folder: Path, kind: Format) -> None:
    needed = 2 * sum(4 * math.prod(kernel) for kernel, _ in graph.parameters.values())
    free = shutil.disk_usage(folder.parent).free
    if free < needed:
        raise OSError(28, f"conversion needs {needed // 10**6} MB for a moment and {free // 10**6} MB are free")
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=PART_PREFIX) as name:
        part = Path(name) / folder.name
        part.mkdir()
        in_child(kind.convert, graph, weights, part)
        contents = {name: file_digest(part / name) for name in kind.files if (part / name).is_file()}
        (part / CONTENTS).write_text(json.dumps(contents, indent=1))
        part.rename(folder)


def read_json(path: Path) -> dict[str, Any] | None:
    """A JSON object from a file; None when it is missing or not one."""
    try:
        value = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) else None
