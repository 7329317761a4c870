"""All benchmarks in one run: `python -m benchmarks [--quick] [--only NAME …]`.

Each runs in a process of its own. The results go to `benchmarks/results/<date>.json`, a plot and the README's table beside it
are drawn from them; a quick run writes nothing.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any, Final

from benchmarks.harness.machine import describe
from benchmarks.harness.report import publish

NAMES: Final = ("engines", "precisions", "build", "neighbours", "live", "growth", "site")
APART: Final = (
    "vector_store",
    "memory",
    "networks",
    "million",
    "cluster",
    "store",
    "encoders",
)  # as long as all the others: only when asked for
RESULTS: Final = Path(__file__).parent / "results"
TIME_LIMIT: Final = 3600


def run() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="small sizes, nothing written: does everything run?")
    every = (*NAMES, *APART)
    parser.add_argument("--only", nargs="+", choices=every, default=NAMES, metavar="NAME", help=f"some of {', '.join(every)}")
    options = parser.parse_args()
    machine = describe()
    if machine["load_before"][0] > machine["cores"] / 2:
        print(f"This machine is busy (load {machine['load_before'][0]}): figures will be noisy.", file=sys.stderr)
    found: dict[str, Any] = {}
    failed = []
    for name in options.only:
        began = time.monotonic()
        result = _one(name, options.quick)
        print(f"  ({time.monotonic() - began:.0f} s)\n", flush=True)
        if result is None:
            failed.append(name)
        else:
            found[name] = result | {"load_before": machine["load_before"][0]}
    if not options.quick and found:
        path = RESULTS / f"{machine['when'][:10]}.json"
        earlier = json.loads(path.read_text())["benchmarks"] if path.exists() else {}
        path.write_text(json.dumps({"machine": machine, "benchmarks": earlier | found}, indent=1, ensure_ascii=False) + "\n")
        publish(path)
        print(f"Written: {path}")
    missed = [f"{name}: {claim}" for name, one in found.items() for claim, ratio in one["ratios"].items() if not ratio["met"]]
    for claim in missed if not options.quick else []:
        print(f"Not reached: {claim}")
    for name in failed:
        print(f"Failed: {name}", file=sys.stderr)
    return 1 if failed else 0


def _one(name: str, quick: bool) -> dict[str, Any] | None:
    # Some machines force an older BLAS kernel by this variable, which would slow NumPy and flatter whatever does not use it.
    environment = {key: value for key, value in os.environ.items() if key != "OPENBLAS_CORETYPE"}
    with tempfile.TemporaryDirectory() as scratch:
        answer = Path(scratch) / "answer.json"
        command = [sys.executable, "-m", f"benchmarks.{name}", "--json", str(answer), *(["--quick"] if quick else [])]
        done = subprocess.run(command, env=environment, timeout=TIME_LIMIT, check=False)
        if done.returncode or not answer.exists():
            return None
        result: dict[str, Any] = json.loads(answer.read_text())
        return result


if __name__ == "__main__":
    sys.exit(run())
