"""From previews to vectors on this machine: threads read and decode ahead of the engine, which never waits for them.

Work is cut into units of one batch each. A picture that cannot be used leaves its position in the batch empty: a vector's last
bits may depend on its position there (see `Engine.run`), so positions must depend on the list of work alone. That is what
makes an interrupted build, continued, give the same bytes as one that was not.
"""

import hashlib
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.build.pictures import THUMBNAIL_SIDE, PreparedPicture, prepare_picture
from indexing.build.previews import read_preview
from indexing.encoders.encoder import Encoder
from indexing.engines.base import Engine
from indexing.networks.base import Network

UNITS_AHEAD: Final = 2


@dataclass(frozen=True, slots=True)
class Job:
    """A picture to embed: the digest that its bytes had when the folder was scanned, and where they are."""

    sha256: str
    path: Path


Unit = Sequence[Job]


@dataclass(frozen=True, slots=True)
class Extracted:
    """What became of a unit. sha256s: of the m pictures that were read; vectors: float32 (m, d);
    thumbnails: uint8 (m, 48, 48, 3) RGB; failures: digest → why it is no picture;
    changed: digests whose file has other bytes now.
    """

    sha256s: tuple[str, ...]
    vectors: NDArray[np.float32]
    thumbnails: NDArray[np.uint8]
    failures: Mapping[str, str]
    changed: tuple[str, ...]


def cut(jobs: Sequence[Job], size: int) -> list[Unit]:
    """`jobs` in units of `size`, the last one shorter."""
    return [jobs[start : start + size] for start in range(0, len(jobs), size)]


def read_job(job: Job) -> bytes | None:
    """The job's bytes, or None when they are not those that were scanned."""
    data, _ = read_preview(job.path)
    return data if data is not None and hashlib.sha256(data).hexdigest() == job.sha256 else None


def run_unit(
    sha256s: Sequence[str], pictures: Sequence[PreparedPicture | str | None], batch: NDArray[np.float32], engine: Engine
) -> Extracted:
    """Run a unit whose pictures are decoded (a reason for each that is none, None for each that changed).

    batch: float32 (size, side, side, 3); set to zero where a position has no picture.
    """
    used = [position for position, picture in enumerate(pictures) if isinstance(picture, PreparedPicture)]
    for position, picture in enumerate(pictures):
        if not isinstance(picture, PreparedPicture):
            batch[position] = 0
    vectors = engine.run(batch)[used] if used else np.empty((0, 0), np.float32)
    thumbnails = [picture.thumbnail for picture in pictures if isinstance(picture, PreparedPicture)]
    side = THUMBNAIL_SIDE
    return Extracted(
        sha256s=tuple(sha256s[position] for position in used),
        vectors=vectors,
        thumbnails=np.stack(thumbnails) if thumbnails else np.empty((0, side, side, 3), np.uint8),
        failures={sha256s[position]: picture for position, picture in enumerate(pictures) if isinstance(picture, str)},
        changed=tuple(sha256s[position] for position, picture in enumerate(pictures) if picture is None),
    )


def extract_locally(units: Sequence[Unit], network: Network | Encoder, engine: Engine, threads: int) -> Iterator[Extracted]:
    """What became of each unit, in order. At most UNITS_AHEAD + 1 units are in memory, however many there are."""
    shape = network.prepared_shape

    def fill(job: Job, slot: NDArray[np.float32]) -> PreparedPicture | str | None:
        data = read_job(job)
        picture = None if data is None else prepare_picture(data, network)
        if isinstance(picture, PreparedPicture):
            slot[...] = picture.prepared
            return PreparedPicture(slot, picture.thumbnail)  # the prepared pixels are in the batch: keep no second copy
        return picture

    started: deque[tuple[Unit, NDArray[np.float32], list[Future[PreparedPicture | str | None]]]] = deque()
    remaining = iter(units)
    with ThreadPoolExecutor(threads) as pool:
        try:
            while True:
                while len(started) <= UNITS_AHEAD and (unit := next(remaining, None)) is not None:
                    batch = np.empty((len(unit), *shape), np.float32)
                    started.append((unit, batch, [pool.submit(fill, job, slot) for job, slot in zip(unit, batch, strict=True)]))
                if not started:
                    return
                unit, batch, futures = started.popleft()
                yield run_unit([job.sha256 for job in unit], [future.result() for future in futures], batch, engine)
        finally:
            pool.shutdown(cancel_futures=True)
