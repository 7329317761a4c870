"""What a build did: its counts and times, and the same in lines for people."""

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

_SHOWN: Final = 10


@dataclass(slots=True)
class BuildReport:
    """What a build did. added … unchanged: items, against the index that was there; computed: vectors made by this run;
    skipped: ItemID (or file name) → why; notes: what went wrong without stopping it; seconds: by phase.
    """

    path: Path
    items: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    computed: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    trained: bool = True
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add the time spent inside to `seconds`."""
        began = time.perf_counter()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - began, 3)

    def count_changes(self, before: Mapping[str, str], now: Mapping[str, str]) -> None:
        """Compare the previews (ItemID → digest) of the previous index and of this one."""
        self.items = len(now)
        self.added = len(now.keys() - before.keys())
        self.removed = len(before.keys() - now.keys())
        self.unchanged = sum(before.get(item_id) == sha256 for item_id, sha256 in now.items())
        self.changed = len(now) - self.added - self.unchanged


def summary(report: BuildReport) -> list[str]:
    """The counts, what was skipped (the first files, then each reason with how often), how long it took, and what to know."""
    counts = ("added", "changed", "removed", "unchanged")
    compared = ", ".join(f"{getattr(report, count)} {count}" for count in counts)
    lines = [f"{report.path}: {report.items} items; {compared}; {report.computed} vectors computed."]
    if report.skipped:
        lines.append(f"{len(report.skipped)} skipped (all of them, with reasons, are in the index's manifest):")
        shown = list(report.skipped.items())[:_SHOWN]
        lines += [f"  {name}: {reason}" for name, reason in shown]
        more = Counter(reason.split(":")[0].split(",")[-1].strip() for _, reason in list(report.skipped.items())[_SHOWN:])
        lines += [f"  … and {count} more: {reason}" for reason, count in more.most_common()]
    lines += [f"Note: {note}." for note in report.notes]
    lines.append("Seconds: " + ", ".join(f"{phase} {seconds:.1f}" for phase, seconds in report.seconds.items()) + ".")
    if not report.trained:
        lines.append(
            "UNTRAINED: these vectors come from random weights. They are for trying the program out, not for shoppers."
        )
    return lines
