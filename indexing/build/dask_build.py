"""Extraction spread over a Dask cluster: previews travel as bytes, vectors come back, the rest of a build stays here.

Workers need neither the folder of previews nor the weights' file: it is sent to those that lack it.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from indexing.build.dask_cluster import run_on_cluster
from indexing.build.dask_worker import Order, RemoteUnit, extract_unit, sent_files
from indexing.build.pipeline import Extracted, Unit, read_job


def extract_on_cluster(units: Sequence[Unit], address: str, order: Order) -> Iterator[tuple[str, Extracted]]:
    """What became of each unit, and the name of the engine that did it, as they are done: in no order.

    Raises as `run_on_cluster`.
    """

    def submit(client: Any, unit: RemoteUnit) -> Any:
        return client.submit(extract_unit, unit, order, pure=False, retries=0)

    remote = (RemoteUnit([job.sha256 for job in unit], [read_job(job) for job in unit]) for unit in units)
    for _, answer in run_on_cluster(remote, address, submit, lambda: sent_files(order.weights)):
        yield answer
