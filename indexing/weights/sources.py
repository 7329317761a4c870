"""`--weights`: from what a person asked for to a checked `Weights`."""

import hashlib
from pathlib import Path
from typing import Final

from indexing.errors import WeightsError
from indexing.weights.bundled import bundled_file, bundled_path, bundled_weights
from indexing.weights.efficientnet_lite import lite_digest, lite_weights
from indexing.weights.hdf5 import Hdf5Reader
from indexing.weights.imagenet import imagenet_file
from indexing.weights.random import random_weights
from indexing.weights.record import Table, Weights

BLOCK: Final = 1 << 22
LITE: Final = ("lite0", "lite0-print")  # both read the same files


def load_weights(network: str, table: Table, source: str, seed: int = 0) -> Weights:
    """The weights that `source` names: `imagenet`, `random`, `bundled` or a file's path; their shapes are checked here.

    Half a gigabyte is hashed but not kept: the numbers are read when an engine is made. Raises WeightsError.
    """
    if source == "random":
        return random_weights(network, seed)
    if source == "bundled":
        return lite_weights(table) if network in LITE else bundled_weights(network, table)
    if source == "imagenet":
        if network != "vgg16":
            raise WeightsError(f"There are no ImageNet weights for {network}: --weights imagenet goes with --network vgg16.")
        path = imagenet_file()
        reader = Hdf5Reader(path)
        reader.check(table)
        return Weights("imagenet", file_digest(path), trained=True, source="imagenet", reader=reader)
    path = _file(source)
    if path.suffix == ".npz":
        return bundled_file(path, table)
    reader = Hdf5Reader(path.resolve())
    reader.check(table)
    return Weights("file", file_digest(path), trained=True, source=str(path.resolve()), reader=reader)


def _file(source: str) -> Path:
    try:
        path = Path(source).expanduser()
        there = path.is_file()
    except (OSError, RuntimeError, ValueError):  # a name too long, the home of somebody unknown, a zero byte
        there = False
    if not there:
        raise WeightsError(f"{source}: there is no such weights file (--weights takes imagenet, random, bundled or a file).")
    return path


def bundled_digest(network: str) -> str:
    """The digest of the weights that come with a network, its backbone's file unread. Raises WeightsError."""
    return lite_digest() if network in LITE else file_digest(bundled_path(network))


def file_digest(path: Path) -> str:
    """sha256 of a file's bytes, hex. Raises WeightsError when it cannot be read."""
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(BLOCK):
                digest.update(block)
    except OSError as error:
        raise WeightsError(f"{path} cannot be read: {error.strerror}.") from error
    return digest.hexdigest()
