"""What a scrape did, as numbers and as lines."""

from collections import defaultdict
from dataclasses import dataclass, field

from scraping.catalogue_rows import Counts
from scraping.delisting import Delisting


@dataclass(frozen=True, slots=True)
class Failure:
    """An item that did not arrive: `reason` is countable, `detail` its particulars."""

    item_id: str
    reason: str
    detail: str = ""


@dataclass(slots=True)
class Report:
    """Counts of one run. Times in seconds, sizes in bytes."""

    pages: int = 0
    met: int = 0
    downloaded: int = 0
    kept: int = 0
    bytes: int = 0
    duplicates: int = 0
    delay: float = 0.0
    seconds: float = 0.0
    rows: Counts = field(default_factory=Counts)
    delisting: Delisting = field(default_factory=Delisting)
    failures: list[Failure] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    complete: bool = False
    interrupted: bool = False
    trouble: str = ""
    note: str = ""

    @property
    def arrived(self) -> int:
        """Items whose preview is on disk."""
        return self.downloaded + self.kept

    def counts(self) -> dict[str, int]:
        """What became of how many, for the owner's desk."""
        rows = {"new": self.rows.new, "updated": self.rows.updated, "unchanged": self.rows.unchanged}
        return {
            "pages": self.pages,
            "met": self.met,
            "downloaded": self.downloaded,
            **rows,
            "delisted": self.delisting.delisted,
        }

    def failed(self) -> list[tuple[str, str]]:
        """(ItemID, reason) of each item that did not arrive."""
        return [(one.item_id, f"{one.reason}, {one.detail}" if one.detail else one.reason) for one in self.failures]


def summary(report: Report, *, dry_run: bool = False) -> list[str]:
    """The lines that a run ends with: counts first, then each failed item under its reason."""
    if not report.pages:
        return []
    repeats = f", {report.duplicates:,} shown again" if report.duplicates else ""
    return [f"{report.pages:,} pages, {report.met:,} items met{repeats}", *details(report, dry_run=dry_run)]


def details(report: Report, *, dry_run: bool = False) -> list[str]:
    """`summary` below its first line."""
    rows, delisted = report.rows, report.delisting.delisted
    lines = []
    if not dry_run:
        megabytes = f"{report.bytes / 1e6:,.1f} MB"
        failed = len(report.failures)
        lines += [
            f"previews: {report.downloaded:,} downloaded ({megabytes}), {report.kept:,} already here, {failed:,} failed",
            f"catalogue: {rows.new:,} new, {rows.updated:,} updated, {rows.unchanged:,} the same, {delisted:,} delisted",
        ]
    lines.append(f"took {report.seconds:,.1f} s, at least {report.delay:g} s between requests")
    by_reason: dict[str, list[Failure]] = defaultdict(list)
    for failure in report.failures:
        by_reason[failure.reason].append(failure)
    for reason, failures in sorted(by_reason.items(), key=lambda pair: (-len(pair[1]), pair[0])):
        lines.append(f"{reason}: {len(failures):,}")
        lines += [
            f"  {failure.item_id}: {reason}" + (f", {failure.detail}" if failure.detail else "")
            for failure in sorted(failures, key=lambda failure: failure.item_id)
        ]
    delisting = report.delisting
    if delisting.refusal:
        lines.append(
            f"nothing was delisted: {delisting.unmet:,} of {delisting.known:,} items were not met and stay on sale, "
            f"as {delisting.refusal}"
        )
    elif report.doubts:
        lines.append(f"products may have been missed, so none would be delisted: {'; '.join(report.doubts)}")
    if report.note:
        lines.append(f"note: {report.note}")
    return lines
