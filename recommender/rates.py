"""How often something may be done: rates that all processes of the site count together. A leaf: every room may import it.

Where gunicorn's first process imports this module (recommender/serving/worker.py does), its children share the memory.
"""

import math
import mmap
import secrets
import time
from collections.abc import Callable
from hashlib import blake2b
from typing import Final

SLOTS: Final = 8192


class SharedRates:
    """The generic cell rate algorithm (ITU-T I.371): one number a key says when its next request is due.

    A key's number lies in one of `slots` cells; two keys in one cell share its rate, and which do so nobody outside can guess.
    Nothing is locked: two processes at once can let one request too many pass, which does no harm.
    """

    def __init__(self, slots: int = SLOTS, clock: Callable[[], float] = time.monotonic) -> None:
        self._due = memoryview(mmap.mmap(-1, 8 * slots)).cast("d")
        self._salt = secrets.token_bytes(16)
        self._clock = clock

    def wait(self, key: str, per_minute: int) -> int:
        """0 when one more may pass now, and it counts; else after how many whole seconds to come again.

        A key that was quiet may do a whole minute's at once.
        """
        cell = self._cell(key)
        now, step = self._clock(), 60 / per_minute
        due = max(self._due[cell], now)
        early = due - now - step * (per_minute - 1)
        if early > 1e-6:
            return math.ceil(early)
        self._due[cell] = due + step
        return 0

    def forget(self) -> None:
        """Everything: as after a start."""
        self._due[:] = memoryview(bytes(self._due.nbytes)).cast("d")

    def _cell(self, key: str) -> int:
        return int.from_bytes(blake2b(key.encode(), key=self._salt, digest_size=8).digest(), "big") % len(self._due)


rates: Final = SharedRates()
