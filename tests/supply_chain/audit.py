"""`python -m tests.supply_chain.audit`: known weaknesses of the pinned packages, asked of PyPI's advisories by pip-audit.

Fails when one is found. Without a way to the service it says so in a line and fails nothing.
"""

import json
import subprocess
import sys
from typing import Final

from packaging.version import Version
from pip_audit._service import PyPIService, ResolvedDependency, ServiceError

from tests.supply_chain.pinned import ROOT

# One question tells whether the rest are worth sending: this version has an entry.
PROBE: Final = ResolvedDependency("pip", Version("24.0"))
SECONDS: Final = 10
FILES: Final = ("requirements.txt",)


def is_reachable() -> bool:
    try:
        asked, _weaknesses = PyPIService(timeout=SECONDS).query(PROBE)
    except (ServiceError, ValueError, OSError):  # an OSError: a proxy's certificate that nobody trusts, for instance
        return False
    return not asked.is_skipped()


def audit() -> str:
    """pip-audit's report, JSON. Raises CalledProcessError when it cannot make one."""
    words = [word for name in FILES for word in ("--requirement", str(ROOT / name))]
    command = [sys.executable, "-m", "pip_audit", *words, "--require-hashes", "--disable-pip", "--progress-spinner=off"]
    done = subprocess.run([*command, "--format=json"], capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1} or not done.stdout:  # 1: it found something
        raise subprocess.CalledProcessError(done.returncode, command, done.stdout, done.stderr)
    return done.stdout


def weaknesses(report: str) -> list[str]:
    """A line for each known weakness in a report."""
    return [
        f"{package['name']} {package['version']}: {weakness['id']}, mended in {' or '.join(weakness['fix_versions']) or 'none'}"
        for package in json.loads(report)["dependencies"]
        for weakness in package.get("vulns", [])
    ]


def looked_up(report: str) -> tuple[int, int]:
    """How many packages the service knew, of how many."""
    packages = json.loads(report)["dependencies"]
    return sum("skip_reason" not in package for package in packages), len(packages)


def main() -> int:
    """Print what was found; 1 when that is a weakness."""
    if not is_reachable():
        print("pip-audit: the service of advisories cannot be reached from here; nothing was looked up.")
        return 0
    report = audit()
    known, all_of_them = looked_up(report)
    lines = weaknesses(report)
    print(*lines, f"pip-audit: {known} of {all_of_them} packages looked up, {len(lines)} weaknesses known.", sep="\n")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main())
