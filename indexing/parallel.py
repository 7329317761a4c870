"""Running kernels that let go of the GIL over ranges, in plain threads that start when first needed (so after any fork)."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@cache
def _pool(process: int, threads: int) -> ThreadPoolExecutor:
    return ThreadPoolExecutor(threads, thread_name_prefix="indexing")


def spread(task: Callable[[int, int], object], total: int, threads: int | None = None, step: int = 1) -> None:
    """Call task(first, last) until 0..total is covered, in `threads` threads (default: all cores).

    Ranges begin at multiples of `step` and are smaller than a thread's share, so that a slow core does not hold up the rest.
    """
    threads = threads or cores()
    if threads == 1 or total <= step:
        task(0, total)
        return
    size = max(step, -(-total // (threads * 2 * step)) * step)
    ranges = [(first, min(first + size, total)) for first in range(0, total, size)]
    # The process id is part of the key: after a fork the parent's threads are not there any more.
    for _ in _pool(os.getpid(), threads).map(lambda span: task(*span), ranges):
        pass


def frozen(array: NDArray[Any]) -> NDArray[Any]:
    """The array as kernels want it: plain, contiguous, read-only, memory-mapped or not, so that each is compiled only once."""
    view = np.ascontiguousarray(array).view(np.ndarray)
    if view.flags.writeable:
        view = view.view()
        view.flags.writeable = False
    return view
