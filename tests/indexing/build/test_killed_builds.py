"""A build that is killed, whenever that is, leaves the old index or the new one, and the next build goes on."""

import json
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
SEED = 14
KILLS = 6


def test_whenever_a_build_is_killed_an_index_is_served_and_the_next_build_ends_it(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.indexing.build.killed_builds", str(tmp_path / "shop"), str(SEED), str(KILLS)]
    (tmp_path / "shop").mkdir()
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert result.returncode == 0, result.stderr
    left: list[dict[str, Any]] = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    assert len(left) == KILLS
    assert {one["killed"] for one in left} == {-signal.SIGKILL}
    assert all(one["items"] == (9 if one["old"] else 20) for one in left)
    assert all((one["again"], one["whole"]) == (0, 20) for one in left)
    assert {tuple(one["left"]) for one in left} == {("items.pkl", "items.pkl.lock")}
