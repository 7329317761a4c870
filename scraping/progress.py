"""Showing how a scrape gets on: a bar on a terminal, a line a page elsewhere."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from tqdm import tqdm

from scraping.report import Report


@contextmanager
def progress_to(stream: Any, *, quiet: bool, unit: str = "page") -> Iterator[Callable[[Report], None]]:
    """Give a function that takes the report as it grows and shows it on `stream` (Django's wrapper or a plain text stream).

    unit: what `report.pages` counts.
    """
    if quiet:
        yield lambda _: None
    elif stream.isatty():
        # Django's wrapper ends each write with a line break and paints it red: a bar needs the stream itself.
        plain = getattr(stream, "_out", stream)
        with tqdm(unit=" items", file=plain, dynamic_ncols=True) as bar:

            def move_bar(report: Report) -> None:
                bar.set_postfix(pages=report.pages, downloaded=report.downloaded, failed=len(report.failures), refresh=False)
                bar.update(report.arrived + len(report.failures) - bar.n)

            yield move_bar
    else:
        seen = 0

        def write_line(report: Report) -> None:
            nonlocal seen
            if report.pages > seen:
                seen = report.pages
                stream.write(
                    f"{unit} {report.pages}: {report.met} items met, {report.arrived} here, {len(report.failures)} failed\n"
                )

        yield write_line
