"""Extraction spread over a Dask cluster: previews travel as bytes, vectors come back, the rest of a build stays here.

Workers need this program, in the same version, on their PYTHONPATH, and its requirements. They need neither the folder of
previews nor the weights' file: it is sent to those that lack it.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import distributed
from distributed.scheduler import KilledWorker

from indexing.build.dask_worker import Order, RemoteUnit, WeightsMissingError, extract_unit, receive_weights, sent_files
from indexing.build.pipeline import Extracted, Unit, read_job
from indexing.errors import ClusterError, IndexingError

CONNECT_SECONDS: Final = 10
WORKERS_SECONDS: Final = 60
_POLL_SECONDS: Final = 2
PIECE: Final = 2**24
KEPT: Final = "The vectors made so far are kept: run build_index again to go on, or without --dask to go on here."


@dataclass(slots=True)
class _Cluster:
    """A connection, and what is known of its workers."""

    client: Any
    address: str
    threads: int = 0
    counted: float = 0.0
    last_worker: float = 0.0

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


def extract_on_cluster(units: Sequence[Unit], address: str, order: Order) -> Iterator[tuple[str, Extracted]]:
    """What became of each unit, and the name of the engine that did it, as they are done: in no order.

    A unit whose worker dies goes to another worker (up to three times, Dask's own limit). No more units are under way than keep
    the workers busy, so memory here and at the scheduler stays bounded.
    Raises ClusterError when there is no scheduler, no worker, or the work fails there; what a local build raises, too.
    """
    with _connected(address) as client:
        cluster = _Cluster(client, address, last_worker=time.monotonic())
        remaining = iter(units)
        pending: dict[Any, RemoteUnit] = {}
        while True:
            cluster.count_threads()
            while len(pending) < 2 * cluster.threads + 2 and (unit := next(remaining, None)) is not None:
                remote = RemoteUnit([job.sha256 for job in unit], [read_job(job) for job in unit])
                pending[_submit(client, remote, order)] = remote
            if not pending:
                return
            for future in _completed(client, pending):
                remote = pending.pop(future)
                if future.status == "finished":
                    yield future.result()
                else:
                    _handle_failure(future, cluster, order)
                    pending[_submit(client, remote, order)] = remote


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


def _submit(client: Any, unit: RemoteUnit, order: Order) -> Any:
    return client.submit(extract_unit, unit, order, pure=False, retries=0)


def _completed(client: Any, pending: dict[Any, RemoteUnit]) -> list[Any]:
    """Those that are done, waiting a little for the first; none if none is done by then."""
    try:
        with client.as_current():
            done = distributed.wait(list(pending), timeout=_POLL_SECONDS, return_when="FIRST_COMPLETED").done
    except (TimeoutError, distributed.TimeoutError):
        return []
    return list(done)


def _handle_failure(future: Any, cluster: _Cluster, order: Order) -> None:
    """Do what it takes for the unit to succeed when it is sent again. Raises what cannot be mended."""
    if future.status in ("cancelled", "lost"):  # the scheduler went away and came back, or not: `count_threads` finds out
        cluster.counted = 0.0
        cluster.threads = 0
        return
    error = future.exception()
    if isinstance(error, WeightsMissingError):
        _send_weights(cluster.client, error.address, order)
    elif isinstance(error, IndexingError):
        raise error
    elif isinstance(error, KilledWorker):
        raise ClusterError(f"Workers died again and again of the same pictures (out of memory?): {error}. {KEPT}")
    elif isinstance(error, ImportError):
        raise ClusterError(
            f"A Dask worker cannot import this program ({error}): start workers with PYTHONPATH=<its folder> and its "
            f"requirements installed. {KEPT}"
        )
    else:
        raise ClusterError(f"A Dask worker failed ({type(error).__name__}: {error}). {KEPT}")


def _send_weights(client: Any, address: str, order: Order) -> None:
    for path, name, digest in sent_files(order.weights):
        size = path.stat().st_size
        with path.open("rb") as file:
            for offset in range(0, size, PIECE):
                data = file.read(PIECE)
                client.run(
                    receive_weights, name, digest, offset, data, last=offset + len(data) >= size,
                    workers=[address], on_error="raise",
                )  # fmt: skip
