"""The README's table and the plot come from the results file."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.harness.measuring import Measured, Ratio, Result
from benchmarks.harness.report import BEGIN, END, markdown, publish


@pytest.fixture
def results() -> dict[str, Any]:
    live = Result("live", "One query", "3 × 2 float32")
    live.measured = {"ours, all three": Measured((2.0, 4.0, 3.0), "ms"), "X @ q": Measured((6.0,), "ms", "one pass")}
    live.ratios = {"ours / X @ q": Ratio(0.5, 3.0, at_least=False), "ours / faiss": Ratio(0.25), "missed": Ratio(1.0, 2.0)}
    growth = Result("growth", "Growth")
    growth.measured = {
        "all neighbours, 1,000 items": Measured((1.0,), "s"),
        "one live query, 1,000 items": Measured((1.0,), "ms"),
    }
    machine = {
        "when": "2026-11-23T20:00:00+00:00",
        "cores": 2,
        "processor": "X, AVX2",
        "memory_gib": 23.4,
        "load_before": [0.1],
    }
    machine |= {"blas": ["openblas Haswell"], "python": "3.11", "versions": {"numpy": "2.4"}}
    return {"machine": machine, "benchmarks": {"live": live.as_json(), "growth": growth.as_json()}}


def test_claims_show_ratio_target_and_whether_it_was_reached(results: dict[str, Any]) -> None:
    text = markdown(results)
    assert "| ours / X @ q | 0.5 | ≤ 3 | yes |" in text
    assert "| missed | 1 | ≥ 2 | **no** |" in text
    assert "| ours / faiss | 0.25 |  |  |" in text


def test_figures_show_median_runs_and_note(results: dict[str, Any]) -> None:
    text = markdown(results)
    assert "| ours, all three | 3 ms | 3 |" in text
    assert "| X @ q (one pass) | 6 ms | 1 |" in text


def test_machine_is_named(results: dict[str, Any]) -> None:
    assert "2 cores of X, AVX2, 23.4 GiB." in markdown(results)


def test_each_benchmark_says_how_busy_the_machine_was_before_its_run(results: dict[str, Any]) -> None:
    results["benchmarks"]["live"]["load_before"] = 0.1
    assert "**One query.** 3 × 2 float32. Load before: 0.1." in markdown(results)
    assert markdown(results).count("Load before") == 1


@pytest.mark.parametrize("left_out", ["", "growth", "live"])
def test_published_between_the_markers_alone(results: dict[str, Any], tmp_path: Path, left_out: str) -> None:
    pytest.importorskip("matplotlib")
    results["benchmarks"].pop(left_out, None)
    readme, source = tmp_path / "README.md", tmp_path / "results.json"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    source.write_text(json.dumps(results), encoding="utf-8")
    publish(source, readme, tmp_path / "plot.svg")
    text = readme.read_text(encoding="utf-8")
    assert text.startswith(f"before\n{BEGIN}\nMeasured 2026-11-23")
    assert text.endswith(f"{END}\nafter\n")
    assert "old" not in text
    assert "<svg" in (tmp_path / "plot.svg").read_text(encoding="utf-8")
