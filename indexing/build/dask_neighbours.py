"""Neighbours spread over a Dask cluster: blocks of rows meet blocks of rows on workers, and the k best are merged here.

The vectors lie in one file, written beside the index. Workers that see that folder (shared storage) map it; the others are sent
the file once. Answers equal a local build's to the byte on processors of one kind: another kind may sum in another order.
"""

import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from distributed import get_worker
from numpy.typing import NDArray

from indexing.build.dask_cluster import run_on_cluster
from indexing.build.dask_worker import FilesMissingError, is_here
from indexing.index.record import Neighbours
from indexing.nearest.all_pairs import check_vectors, distinct_rows, with_copies
from indexing.nearest.approximate import BATCH, ApproximateSearch, empty_neighbours
from indexing.nearest.blocks import Ranked, nearest_between, nearest_within
from indexing.nearest.distances import narrowed
from indexing.nearest.metrics import METRICS, Metric
from indexing.nearest.progress import Progress
from indexing.parallel import spread
from indexing.weights.sources import file_digest

Floats = NDArray[np.float32]

LEAST_ROWS: Final = 10_000  # fewer are compared here in seconds
_LARGEST_BLOCK: Final = 32_768  # rows; two of them take a worker's thread some 400 MB, and their answer is 110 MB
_LEAST_BLOCK: Final = 2_048
_BLOCKS: Final = 8  # at least, so that there are tasks for all
_SEARCHED: Final = 4 * BATCH  # rows a task


class SharedFile(NamedTuple):
    """A file that tasks read: where it is on the machine of the build, and its digest."""

    path: Path
    digest: str

    @property
    def name(self) -> str:
        """What it is called at a worker that was sent it."""
        return f"shared-{self.digest[:32]}"

    def at_worker(self) -> Path:
        """Where the worker that runs this has it. Raises FilesMissingError when it has not."""
        worker = get_worker()
        for path in (self.path, Path(worker.local_directory) / self.name):
            if is_here(path, self.digest):
                return path
        raise FilesMissingError(str(worker.address))


class Blocks(NamedTuple):
    """Two blocks of rows that meet, each from its first row to its last; one block with itself where they are equal."""

    left: tuple[int, int]
    right: tuple[int, int]


class BlocksAnswer(NamedTuple):
    """By metric, the nearest of the left block's rows in the right one, and the other way round; rows are those of the file."""

    left: dict[Metric, Ranked]
    right: dict[Metric, Ranked]


@dataclass(frozen=True, slots=True)
class ClusterNeighbours:
    """The neighbours of all rows by the workers of a Dask scheduler. folder: where files for them are written."""

    address: str
    folder: Path

    def all_neighbours(self, vectors: Floats, k: int, progress: Progress | None = None) -> dict[Metric, Neighbours]:
        """What `indexing.nearest.all_pairs.all_neighbours` gives. Raises as it and `run_on_cluster`; OSError."""
        check_vectors(vectors)
        kept = min(k, len(vectors) - 1)
        firsts, group = distinct_rows(vectors)
        if len(firsts) == len(vectors):
            ranked = self._of_distinct(vectors, kept, progress)
        else:
            distinct = np.ascontiguousarray(vectors[firsts])
            ranked = self._of_distinct(distinct, min(kept, len(firsts) - 1), progress)
            ranked = with_copies(distinct, group, ranked, kept, None)
        return {metric: Neighbours(rows, narrowed(distances)) for metric, (rows, distances) in ranked.items()}

    def fill(
        self,
        search: ApproximateSearch,
        vectors: Floats,
        order: NDArray[np.int64],
        into: dict[Metric, Neighbours],
        progress: Progress | None,
    ) -> None:
        """What `ApproximateSearch.fill` does for all rows: each task searches for some. Raises as `all_neighbours`."""
        parts = [slice(first, min(first + _SEARCHED, len(order))) for first in range(0, len(order), _SEARCHED)]
        k = into[METRICS[0]].rows.shape[1]
        with _shared(vectors, self.folder) as file:
            search.save(file.path.with_name("search.npz"))
            searched = SharedFile(file.path.with_name("search.npz"), file_digest(file.path.with_name("search.npz")))

            def submit(client: Any, part: slice) -> Any:
                return client.submit(search_rows, file, searched, order[part], k, pure=False, retries=0)

            files = [(one.path, one.name, one.digest) for one in (file, searched)]
            for done, (part, answer) in enumerate(run_on_cluster(parts, self.address, submit, lambda: files), 1):
                for metric in METRICS:
                    into[metric].rows[order[part]] = answer[metric].rows
                    into[metric].distances[order[part]] = answer[metric].distances
                if progress is not None:
                    progress(done, len(parts))

    def _of_distinct(self, vectors: Floats, k: int, progress: Progress | None) -> dict[Metric, Ranked]:
        best: dict[Metric, Ranked] = {
            metric: (np.full((len(vectors), k), -1, np.int32), np.full((len(vectors), k), np.inf)) for metric in METRICS
        }
        if k < 1:
            return best
        tasks = block_pairs(len(vectors))
        with _shared(vectors, self.folder) as file:

            def submit(client: Any, blocks: Blocks) -> Any:
                return client.submit(compare_blocks, file, blocks, k, pure=False, retries=0)

            files = [(file.path, file.name, file.digest)]
            for done, (blocks, answer) in enumerate(run_on_cluster(tasks, self.address, submit, lambda: files), 1):
                _merge(best, blocks.left, answer.left)
                if blocks.left != blocks.right:
                    _merge(best, blocks.right, answer.right)
                if progress is not None:
                    progress(done, len(tasks))
        return best


def block_pairs(n: int) -> list[Blocks]:
    """Every pair of blocks of n rows, a block with itself included."""
    size = min(_LARGEST_BLOCK, max(_LEAST_BLOCK, -(-n // _BLOCKS)))
    blocks = [(first, min(first + size, n)) for first in range(0, n, size)]
    return [Blocks(left, right) for number, left in enumerate(blocks) for right in blocks[number:]]


def compare_blocks(file: SharedFile, blocks: Blocks, k: int) -> BlocksAnswer:
    """On a worker: the k nearest between two blocks of rows of the file. Raises FilesMissingError."""
    vectors = np.load(file.at_worker(), mmap_mode="r")
    (first, last), (start, stop) = blocks
    if blocks.left == blocks.right:
        within = nearest_within(vectors[first:last], min(k, last - first - 1), None, 1)
        return BlocksAnswer(_shifted(within, first), {})
    nearest, back = nearest_between(vectors[first:last], vectors[start:stop], k, 1)
    return BlocksAnswer(_shifted(nearest, start), _shifted(back, first))


def search_rows(file: SharedFile, search: SharedFile, rows: NDArray[np.int64], k: int) -> dict[Metric, Neighbours]:
    """On a worker: the k nearest of some rows of the file, in their order. Raises FilesMissingError."""
    vectors = np.load(file.at_worker(), mmap_mode="r")
    found = empty_neighbours(len(rows), k)
    _search(search).fill(vectors, rows, found, np.arange(len(rows)), 1)
    return found


_lock: Final = threading.Lock()
_open: dict[str, ApproximateSearch] = {}  # the one search that this worker has read, by its digest


def _search(file: SharedFile) -> ApproximateSearch:
    with _lock:
        if file.digest not in _open:
            _open.clear()
            _open[file.digest] = ApproximateSearch.load(file.at_worker())
        return _open[file.digest]


@contextmanager
def _shared(vectors: Floats, folder: Path) -> Iterator[SharedFile]:
    """The vectors in a file of `folder`, for as long as tasks may read it."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="neighbours-") as scratch:
        path = Path(scratch).resolve() / "vectors.npy"
        np.save(path, vectors)
        yield SharedFile(path, file_digest(path))


def _shifted(ranked: dict[Metric, Ranked], first: int) -> dict[Metric, Ranked]:
    return {metric: (rows + np.int32(first), distances) for metric, (rows, distances) in ranked.items()}


def _merge(best: dict[Metric, Ranked], span: tuple[int, int], more: dict[Metric, Ranked]) -> None:
    from indexing.nearest import kernels

    part = slice(*span)
    for metric in METRICS:
        rows, distances = best[metric]
        spread(partial(kernels.merge, rows[part], distances[part], *more[metric]), span[1] - span[0])
