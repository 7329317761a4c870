"""Announcing how a command's run ended, so that the site can show it to the owner."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Final

from django.core.management.base import CommandError
from django.dispatch import Signal

# Sent when a command that fills the catalogue or the index has ended; keyword argument `run`: RunRecord.
run_ended: Final = Signal()
# Sent before a build reads the folder of previews; keyword argument `images`: pathlib.Path.
build_starting: Final = Signal()
INTERRUPTED_CODE: Final = 130  # as shells have it for Ctrl+C


@dataclass(slots=True)
class RunRecord:
    """A run in plain values. outcome: `ok`, `failed` or `interrupted`; failures: (what, reason); seconds: wall time."""

    command: str
    source: str
    started_at: datetime
    seconds: float = 0.0
    outcome: str = "ok"
    counts: dict[str, int] = field(default_factory=dict)
    failures: list[tuple[str, str]] = field(default_factory=list)
    message: str = ""


@contextmanager
def recorded_run(command: str, source: str = "") -> Iterator[RunRecord]:
    """Time the run inside and announce it by `run_ended`, however it ends. Listeners cannot make the run fail."""
    began = time.monotonic()
    run = RunRecord(command, source, datetime.now(UTC))
    try:
        yield run
    except CommandError as error:
        run.outcome = "interrupted" if error.returncode == INTERRUPTED_CODE else "failed"
        run.message = str(error)
        raise
    except BaseException as error:
        run.outcome, run.message = "failed", f"{type(error).__name__}: {error}"
        raise
    finally:
        run.seconds = time.monotonic() - began
        run_ended.send_robust(sender=RunRecord, run=run)
