"""One command line for every benchmark: `python -m benchmarks.NAME [--quick] [--json FILE]`."""

import argparse
import json
from collections.abc import Callable
from pathlib import Path

from benchmarks.harness.measuring import Result

Measure = Callable[[bool], Result]


def main(measure: Measure, about: str) -> None:
    """Measure, print a table, and write JSON if asked to."""
    parser = argparse.ArgumentParser(description=about)
    parser.add_argument("--quick", action="store_true", help="small sizes: does it run? Its ratios claim nothing")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the result there too")
    options = parser.parse_args()
    result = measure(options.quick)
    if options.quick:
        result.notes.append("Quick: sizes too small to claim anything.")
    print(table(result))
    if options.json:
        options.json.write_text(json.dumps(result.as_json(), indent=1))


def table(result: Result) -> str:
    """The result for a terminal."""
    lines = [f"{result.title}: {result.setting}" if result.setting else result.title]
    if result.not_run:
        return f"{lines[0]}\n  not run: {result.not_run}"
    for name, one in result.measured.items():
        note = f"  ({one.note})" if one.note else ""
        lines.append(f"  {name:<46}{one.median:>12.4g} {one.unit}{note}")
    for name, ratio in result.ratios.items():
        wanted = (
            ""
            if ratio.wanted is None
            else f"   wanted {'≥' if ratio.at_least else '≤'} {ratio.wanted:.3g}: {'yes' if ratio.met else 'NO'}"
        )
        lines.append(f"  {name:<46}{ratio.value:>12.3g} ×{wanted}")
    return "\n".join([*lines, *(f"  {note}" for note in result.notes)])
