"""What a build did, in lines for people."""

from collections import Counter
from typing import Final

from indexing.build.build import BuildReport

_SHOWN: Final = 10


def summary(report: BuildReport) -> list[str]:
    """The counts, what was skipped (each reason with how often, and the first files), how long it took, and what to know."""
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
