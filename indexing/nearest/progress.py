"""How long work says how far it is: called with (done, total)."""

from collections.abc import Callable

Progress = Callable[[int, int], None]
