"""From a results file to what people see: the plot, and the table in `benchmarks/README.md` between its two markers."""

import json
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

README: Final = Path(__file__).parents[1] / "README.md"
PLOT: Final = Path(__file__).parents[1] / "results.svg"
BEGIN, END = "<!-- results: written by `make bench` -->", "<!-- end of results -->"


def publish(path: Path, readme: Path = README, plot: Path = PLOT) -> None:
    """Draw the plot and write the table of the results file at `path`."""
    results = json.loads(path.read_text())
    draw(results, plot)
    text = readme.read_text(encoding="utf-8")
    before, _, rest = text.partition(BEGIN)
    _, _, after = rest.partition(END)
    readme.write_text(f"{before}{BEGIN}\n{markdown(results)}\n{END}{after}", encoding="utf-8")


def markdown(results: Mapping[str, Any]) -> str:
    """Machine, claims, and all figures."""
    machine = results["machine"]
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    where = f"{machine['cores']} cores of {machine['processor']}, {machine['memory_gib']} GiB"
    lines = [
        f"Measured {machine['when'][:10]} on {where}.",
        f"BLAS {', '.join(machine['blas'])}; Python {machine['python']}, {versions}.",
        "",
        "| claim | ratio | wanted | reached |",
        "|---|---:|---:|---|",
    ]
    for one in results["benchmarks"].values():
        for name, ratio in one["ratios"].items():
            sign = "≥" if ratio["at_least"] else "≤"
            wanted, reached = (
                ("", "") if ratio["wanted"] is None else (f"{sign} {ratio['wanted']:.3g}", "yes" if ratio["met"] else "**no**")
            )
            lines.append(f"| {name} | {ratio['value']:.3g} | {wanted} | {reached} |")
    for one in results["benchmarks"].values():
        busy = f" Load before: {one['load_before']}." if "load_before" in one else ""
        lines += ["", f"**{one['title']}.** {one['setting']}.{busy}", "", "| | median | runs |", "|---|---:|---:|"]
        for name, measured in one["measured"].items():
            note = f" ({measured['note']})" if measured["note"] else ""
            lines.append(f"| {name}{note} | {measured['median']:.4g} {measured['unit']} | {len(measured['runs'])} |")
        lines += ["", *one["notes"]] if one["notes"] else []
    return "\n".join(lines)


def draw(results: Mapping[str, Any], path: Path) -> None:
    """Bars for what was compared, lines for growth."""
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    figure = Figure(figsize=(11, 7), layout="constrained")
    FigureCanvasSVG(figure)
    panels = iter(figure.subplots(2, 2).flat)
    compared = {
        "engines": ("pictures/s", "Pictures a second, VGG-16 unless said (more is better)"),
        "neighbours": ("s", "All neighbours, seconds (less is better)"),
        "live": ("ms", "One query, milliseconds (less is better)"),
    }
    for name, (unit, title) in compared.items():
        axes = next(panels)
        bars = {
            label: one for label, one in results["benchmarks"].get(name, {}).get("measured", {}).items() if one["unit"] == unit
        }
        colours = ["#1b6e5a" if label.startswith("ours") else "#b9b4a7" for label in bars]
        drawn = axes.barh(list(bars), [one["median"] for one in bars.values()], color=colours)
        axes.bar_label(drawn, fmt="%.3g", padding=3, fontsize=8)
        axes.margins(x=0.15)
        axes.invert_yaxis()
        axes.set_title(title, fontsize=10)
        axes.tick_params(labelsize=7.5)
        axes.spines[["top", "right"]].set_visible(False)
    axes = next(panels)
    for label, marker, points in _growth(results):
        if not points:
            continue
        axes.plot([n for n, _ in points], [value for _, value in points], marker=marker, label=label)
    if axes.lines:
        axes.set(xscale="log", yscale="log", xlabel="items")
    axes.set_title("As the catalogue grows (256 numbers a vector)", fontsize=10)
    if axes.get_legend_handles_labels()[0]:
        axes.legend(fontsize=8)
    axes.spines[["top", "right"]].set_visible(False)
    for axes in figure.axes:
        if not axes.has_data():  # a run of some benchmarks leaves panels with nothing to show
            axes.remove()
    figure.savefig(path, metadata={"Date": None})


def _growth(results: Mapping[str, Any]) -> Iterator[tuple[str, str, list[tuple[int, float]]]]:
    measured = results["benchmarks"].get("growth", {}).get("measured", {})
    for what, label, marker in (("all neighbours", "all neighbours, s", "o"), ("one live query", "one live query, ms", "s")):
        yield (
            label,
            marker,
            [
                (int(name.split(", ")[1].removesuffix(" items").replace(",", "")), one["median"])
                for name, one in measured.items()
                if name.startswith(what)
            ],
        )


if __name__ == "__main__":
    publish(Path(sys.argv[1]))
