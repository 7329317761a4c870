"""`make test` looks for weaknesses in our code and in what it needs, and bandit leaves out no more than it should."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.supply_chain.pinned import ROOT

ROOMS = sorted({path.parent.name for path in ROOT.glob("*/__init__.py")} - {"benchmarks", "tests", "training"})
# One line a kind that must not pass unnoticed, with bandit's number for it.
WEAK = {
    "B301": "import pickle\npickle.loads(data)\n",
    "B307": "eval(data)\n",
    "B501": "import requests\nrequests.get(data, verify=False, timeout=1)\n",
    "B602": "import subprocess\nsubprocess.run(data, shell=True)\n",
    "B608": "query = 'SELECT * FROM item WHERE id = %s' % data\n",
}


@pytest.mark.skipif(shutil.which("make") is None, reason="no make")
def test_the_steps_are_taken() -> None:
    done = subprocess.run(["make", "--dry-run", "test"], cwd=ROOT, capture_output=True, text=True, check=True)
    bandit = next(line for line in done.stdout.splitlines() if "/bandit " in line).split()
    assert "--recursive" in bandit
    assert {*ROOMS, "manage.py"} <= set(bandit)
    assert not {"--exit-zero", "||", "-lll"} & set(bandit)
    assert "-m tests.supply_chain.audit\n" in done.stdout


@pytest.mark.parametrize("number", WEAK)
def test_bandit_sees(tmp_path: Path, number: str) -> None:
    (tmp_path / "weak.py").write_text(WEAK[number])
    command = [
        sys.executable,
        "-m",
        "bandit",
        "--quiet",
        "--configfile",
        str(ROOT / "pyproject.toml"),
        str(tmp_path / "weak.py"),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, f"[{number}:" in done.stdout) == (1, True)
