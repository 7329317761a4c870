"""The library's side: a folder of pictures → vectors, without a shop, an index or Django's settings."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexing.build.pictures import PreparedPicture, prepare_picture
from indexing.engines import make_engine
from indexing.errors import ImagesError
from indexing.networks.choice import choose_network
from indexing.parallel import cores

SUFFIXES: Final = (".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp")


class Embeddings(NamedTuple):
    """names: file names, one a row; vectors: float32 (n, d); skipped: file name → why it has no vector."""

    names: tuple[str, ...]
    vectors: NDArray[np.float32]
    skipped: dict[str, str]


def embed_folder(
    folder: Path | str,
    network: str = "auto",
    weights: str | None = None,
    cache_dir: Path | None = None,
    precision: str = "float32",
) -> Embeddings:
    """The vector of every picture in `folder`, in the order of their names.

    network, weights, precision: as `build_index` takes them. cache_dir: where converted networks are kept; default: the
    user's cache.
    Raises ImagesError when there is no picture, WeightsError or EngineError when the network cannot be had.
    """
    paths = _pictures(Path(folder))
    cache_dir = cache_dir or default_cache_dir()
    choice = choose_network(network, weights, 0, cache_dir)
    engine = make_engine("auto", choice.network, choice.weights, None, cache_dir, None, precision)
    names: list[str] = []
    skipped: dict[str, str] = {}
    parts: list[NDArray[np.float32]] = []
    try:
        with ThreadPoolExecutor(cores()) as pool:
            for start in range(0, len(paths), engine.batch_size):
                batch = paths[start : start + engine.batch_size]
                prepared = pool.map(lambda path: prepare_picture(path.read_bytes(), choice.network), batch)
                pixels: list[NDArray[np.float32]] = []
                for path, picture in zip(batch, prepared, strict=True):
                    if isinstance(picture, PreparedPicture):
                        names.append(path.name)
                        pixels.append(picture.prepared)
                    else:
                        skipped[path.name] = picture
                if pixels:
                    parts.append(engine.run(np.stack(pixels)))
    finally:
        engine.close()
    if not parts:
        raise ImagesError(f"Not one of the {len(paths)} pictures in {folder} can be read: {next(iter(skipped.values()))}.")
    return Embeddings(tuple(names), np.concatenate(parts), skipped)


def default_cache_dir() -> Path:
    """`$XDG_CACHE_HOME/visual-recommender`, by default under `~/.cache`."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "visual-recommender"


def _pictures(folder: Path) -> Sequence[Path]:
    if not folder.is_dir():
        raise ImagesError(f"There is no folder {folder}.")
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES and path.is_file())
    if not paths:
        raise ImagesError(f"There is no picture ({', '.join(SUFFIXES)}) in {folder}.")
    return paths
