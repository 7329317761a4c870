"""Threads that work beside the pages, and end before the process does. A leaf: every room may import it.

A daemon thread that comes back from C++ (OpenCV, LLVM, a network) while the interpreter is taken down is ended in the middle of
it: "terminate called without an active exception", and the process aborts. So at exit these threads are asked to stop, and
awaited.
"""

import atexit
import threading
import time
from collections.abc import Callable
from typing import Final

# Less than `make run` leaves the server to stop (`launch.STOP_SECONDS`). A step that takes longer is left to its fate.
WAIT_SECONDS: Final = 8.0
# Executors refuse work when the main thread ends, a moment before `_stop` is called.
_MOMENT_SECONDS: Final = 1.0

_stopping: Final = threading.Event()


class StoppingError(Exception):
    """The process ends: what was begun is given up."""


class BackgroundThread(threading.Thread):
    """A thread whose work calls `check_stopping` between its steps. It keeps no process from ending for more than a step."""

    def __init__(self, name: str, work: Callable[..., None], *args: object) -> None:
        super().__init__(target=work, args=args, name=name, daemon=True)

    def run(self) -> None:
        """Do the work; give it up quietly when the process ends."""
        try:
            super().run()
        except StoppingError:
            pass
        except RuntimeError:
            if not _stopping.wait(_MOMENT_SECONDS):
                raise


def check_stopping() -> None:
    """Raise StoppingError when the process ends."""
    if _stopping.is_set():
        raise StoppingError


def pause(seconds: float) -> None:
    """Wait; raise StoppingError as soon as the process ends."""
    if _stopping.wait(seconds):
        raise StoppingError


def is_stopping() -> bool:
    """Whether the process ends."""
    return _stopping.is_set()


@atexit.register
def _stop() -> None:
    """Ask all to stop, and wait for the steps in flight."""
    _stopping.set()
    deadline = time.monotonic() + WAIT_SECONDS
    while threads := [one for one in threading.enumerate() if isinstance(one, BackgroundThread)]:
        if (left := deadline - time.monotonic()) <= 0:
            return
        threads[0].join(left)
