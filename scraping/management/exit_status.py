"""How a run's report ends a command."""

from django.core.management.base import CommandError

from scraping.report import Report


def raise_for_report(report: Report, *, dry_run: bool) -> None:
    """Raise CommandError, and so a status other than 0, unless the run did its work."""
    if report.interrupted:
        raise CommandError("Interrupted: what was stored stays. Run it again and it goes on from there.", returncode=130)
    if report.trouble:
        raise CommandError(f"Stopped: {report.trouble.rstrip('.')}.")
    if not report.arrived and not dry_run:
        raise CommandError("Not one item arrived: the reasons are above.")
