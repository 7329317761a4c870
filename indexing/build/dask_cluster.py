"""Work on a Dask cluster: tasks out, answers in as they are done; workers that die are survived, files they lack are sent.

Workers need this program, in the same version, on their PYTHONPATH, and its requirements.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, TypeVar

import distributed
from distributed.scheduler import KilledWorker

from indexing.build.dask_worker import FilesMissingError, receive_file
from indexing.errors import ClusterError, IndexingError

CONNECT_SECONDS: Final = 10
WORKERS_SECONDS: Final = 60
_POLL_SECONDS: Final = 2
PIECE: Final = 2**24
KEPT: Final = "The vectors made so far are kept: run build_index again to go on, or without --dask to go on here."

Task = TypeVar("Task")
SentFile = tuple[Path, str, str]  # a file's path here, its name at the worker, its digest


@dataclass(slots=True)
class _Cluster:
    """A connection, and what is known of its workers."""

    client: Any
    address: str
    threads: int = 0
    counted: float = 0.0
    last_worker: float = 0.0
    sent: dict[str, float] = field(default_factory=dict)  # when a worker, by address, had been sent all files

    def count_threads(self) -> None:
        """Count the workers' threads, now and then. Raises ClusterError when there has been no worker for a minute."""
        now = time.monotonic()
        if now - self.counted < _POLL_SECONDS and self.threads:
            return
        if self.client.status != "running":
            raise ClusterError(f"The connection to the Dask scheduler {self.address} is lost. {KEPT}")
        self.counted, self.threads = now, sum(self.client.nthreads().values())
        if self.threads:
            self.last_worker = now
        elif now - self.last_worker > WORKERS_SECONDS:
            raise ClusterError(
                f"The Dask scheduler {self.address} has had no worker for {WORKERS_SECONDS} s: "
                f"start some (PYTHONPATH=<this program's folder> dask worker {self.address}). {KEPT}"
            )


def run_on_cluster(
    tasks: Iterable[Task], address: str, submit: Callable[[Any, Task], Any], files: Callable[[], Sequence[SentFile]]
) -> Iterator[tuple[Task, Any]]:
    """Each task and its answer, as they are done: in no order.

    submit: hands a task to a Dask client and gives the future; files: what is sent to a worker that raises FilesMissingError.
    A task whose worker dies goes to another worker (up to three times, Dask's own limit). No more tasks are under way than keep
    the workers busy, so memory here and at the scheduler stays bounded.
    Raises ClusterError when there is no scheduler, no worker, or the work fails there; what the same work raises here, too.
    """
    with _connected(address) as client:
        cluster = _Cluster(client, address, last_worker=time.monotonic())
        remaining = iter(tasks)
        pending: dict[Any, tuple[Task, float]] = {}  # and when it was handed out
        while True:
            cluster.count_threads()
            while len(pending) < 2 * cluster.threads + 2 and (task := next(remaining, None)) is not None:
                pending[submit(client, task)] = task, time.monotonic()
            if not pending:
                return
            for future in _completed(client, pending):
                task, began = pending.pop(future)
                if future.status == "finished":
                    yield task, future.result()
                else:
                    _handle_failure(future, began, cluster, files)
                    pending[submit(client, task)] = task, time.monotonic()


@contextmanager
def _connected(address: str) -> Iterator[Any]:
    try:
        client = distributed.Client(address, timeout=CONNECT_SECONDS, set_as_default=False)
    except (OSError, ValueError) as error:  # asyncio's and Dask's TimeoutError are OSErrors; ValueError: no such address
        raise ClusterError(
            f"The Dask scheduler {address} does not answer within {CONNECT_SECONDS} s ({error}): "
            "check the address and that `dask scheduler` runs there, or build without --dask."
        ) from error
    try:
        yield client
    finally:
        client.close()


def _completed(client: Any, pending: dict[Any, Any]) -> list[Any]:
    """Those that are done, waiting a little for the first; none if none is done by then."""
    try:
        with client.as_current():
            done = distributed.wait(list(pending), timeout=_POLL_SECONDS, return_when="FIRST_COMPLETED").done
    except (TimeoutError, distributed.TimeoutError):
        return []
    return list(done)


def _handle_failure(future: Any, began: float, cluster: _Cluster, files: Callable[[], Sequence[SentFile]]) -> None:
    """Do what it takes for the task to succeed when it is sent again. Raises what cannot be mended."""
    if future.status in ("cancelled", "lost"):  # the scheduler went away and came back, or not: `count_threads` finds out
        cluster.counted = 0.0
        cluster.threads = 0
        return
    error = future.exception()
    if isinstance(error, FilesMissingError):
        # Other tasks of a worker may have missed the files before they were there.
        if cluster.sent.get(error.address, began) <= began:
            _send(cluster.client, error.address, files())
            cluster.sent[error.address] = time.monotonic()
    elif isinstance(error, IndexingError):
        raise error
    elif isinstance(error, KilledWorker):
        raise ClusterError(f"Workers died again and again of the same work (out of memory?): {error}. {KEPT}")
    elif isinstance(error, ImportError):
        raise ClusterError(
            f"A Dask worker cannot import this program ({error}): start workers with PYTHONPATH=<its folder> and its "
            f"requirements installed. {KEPT}"
        )
    else:
        raise ClusterError(f"A Dask worker failed ({type(error).__name__}: {error}). {KEPT}")


def _send(client: Any, address: str, files: Sequence[SentFile]) -> None:
    for path, name, digest in files:
        size = path.stat().st_size
        with path.open("rb") as file:
            for offset in range(0, size, PIECE):
                data = file.read(PIECE)
                client.run(
                    receive_file, name, digest, offset, data, last=offset + len(data) >= size,
                    workers=[address], on_error="raise",
                )  # fmt: skip
