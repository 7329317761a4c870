"""What runs on a Dask worker: a unit's bytes → its vectors, by an engine that stays open between units."""

import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from distributed import get_worker

from indexing.build.pictures import PreparedPicture, prepare_picture
from indexing.build.pipeline import Extracted, run_unit
from indexing.encoders.encoder import Encoder, OnnxFiles
from indexing.engines import FullEngine, make_engine
from indexing.errors import ClusterError, EngineError
from indexing.networks.base import Network
from indexing.weights.record import Weights
from indexing.weights.sources import file_digest


@dataclass(frozen=True, slots=True)
class Order:
    """How vectors are to be made. batch_size: of the engine and of whole units; cache_dir: for converted models; precision: one
    for all workers."""

    network: Network | Encoder
    weights: Weights
    engine: str
    batch_size: int
    cache_dir: Path
    precision: str = "float32"


@dataclass(frozen=True, slots=True)
class RemoteUnit:
    """Pictures by digest and their bytes; None: the file is no longer what it was."""

    sha256s: Sequence[str]
    pictures: Sequence[bytes | None]


class FilesMissingError(Exception):
    """The worker of this address lacks a file that the work needs."""

    def __init__(self, address: str) -> None:
        super().__init__(address)
        self.address = address


class _Open(NamedTuple):
    key: tuple[str, ...]
    engine: FullEngine


_lock: Final = threading.Lock()
_open: _Open | None = None
_checked: set[Path] = set()  # weights whose digest was compared: half a gigabyte is not read again for each unit


def extract_unit(unit: RemoteUnit, order: Order) -> tuple[str, Extracted]:
    """The engine's name and what became of the unit. Raises FilesMissingError, EngineError."""
    # Other threads of this worker decode while one has the engine.
    pictures = [None if data is None else prepare_picture(data, order.network) for data in unit.pictures]
    batch = np.zeros((len(pictures), *order.network.prepared_shape), np.float32)
    for position, picture in enumerate(pictures):
        if isinstance(picture, PreparedPicture):
            batch[position] = picture.prepared
    with _lock:
        engine = _engine(order)
        return engine.name, run_unit(unit.sha256s, pictures, batch, engine)


def receive_file(name: str, digest: str, offset: int, data: bytes, *, last: bool, dask_worker: Any) -> None:
    """Keep a piece of a file; after the last one the file's digest is checked and the file renamed to its name.

    name: where it belongs among what was received (see `sent_files`); `dask_worker`: the worker; Dask fills in an argument of
    this name.
    """
    path = Path(dask_worker.local_directory) / name
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.part")
    with part.open("r+b" if part.exists() else "w+b") as file:
        file.seek(offset)
        file.write(data)
        if last:
            file.truncate()
    if last:
        if file_digest(part) != digest:
            part.unlink()
            raise ClusterError(f"{name} arrived damaged at a worker: run build_index again.")
        part.rename(path)


def _engine(order: Order) -> FullEngine:
    global _open
    spec = order.network.spec
    key = (spec.name, spec.preprocessing, order.weights.digest, order.engine, str(order.batch_size), order.precision)
    if _open is not None and _open.key == key:
        return _open.engine
    weights = _local_weights(order.weights)
    if _open is not None:
        _open.engine.close()
        _open = None  # two networks at once would double the memory
    threads = int(get_worker().state.nthreads)
    engine = make_engine(
        order.engine, order.network, weights, threads, _cache_dir(order.cache_dir), order.batch_size, order.precision
    )
    if engine.precision != order.precision:
        engine.close()
        raise EngineError(f"A worker computes in {engine.precision}, not in {order.precision}: build with --precision float32.")
    _open = _Open(key, engine)
    return engine


def _local_weights(weights: Weights) -> Weights:
    """The weights, read from where this machine has them. Raises FilesMissingError when it has not."""
    received = Path(get_worker().local_directory)
    reader: Any = weights.reader
    if isinstance(reader, OnnxFiles):
        for folder in (reader.folder, received / _folder_name(weights)):
            if all(is_here(folder / name, digest) for name, digest in zip(reader.names, reader.digests, strict=True)):
                return replace(weights, reader=replace(reader, folder=folder))
        raise FilesMissingError(str(get_worker().address))
    path = getattr(reader, "path", None)
    if path is None:  # made from a seed
        return weights
    for candidate in (Path(path), received / _folder_name(weights)):
        if is_here(candidate, weights.digest):
            return replace(weights, reader=replace(reader, path=candidate))
    raise FilesMissingError(str(get_worker().address))


def sent_files(weights: Weights) -> list[tuple[Path, str, str]]:
    """What a worker without the weights is sent: each file's path here, its name there, and its digest."""
    reader: Any = weights.reader
    if isinstance(reader, OnnxFiles):
        names = zip(reader.names, reader.digests, strict=True)
        return [(reader.folder / name, f"{_folder_name(weights)}/{name}", digest) for name, digest in names]
    return [(Path(reader.path), _folder_name(weights), weights.digest)]


def _folder_name(weights: Weights) -> str:
    return f"weights-{weights.digest[:32]}"


def is_here(path: Path, digest: str) -> bool:
    """Whether a file of that digest is at `path`; it is read once."""
    if not path.is_file() or (path not in _checked and file_digest(path) != digest):
        return False
    _checked.add(path)
    return True


def _cache_dir(preferred: Path) -> Path:
    """The folder that the build uses, if this machine can have it, so that models are converted once; else the worker's own."""
    try:
        preferred.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=preferred):
            return preferred
    except OSError:
        return Path(get_worker().local_directory) / "cache"
