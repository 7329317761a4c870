"""The systemd units: read by systemd without a complaint, shut in, and calling commands as they are."""

import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
SERVICES = [path for path in UNITS if path.suffix == ".service"]
ENVIRONMENT = (ROOT / "deploy" / "recommender.env").read_text()
PYTHON = "/opt/recommender/.venv/bin/python"
# Tenths of what systemd-analyze calls the exposure: 0 is shut in, 100 wide open. An ordinary service has 96.
MOST_EXPOSED = "20"
needs_systemd = pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd: apt-get install systemd")


@needs_systemd
def test_systemd_reads_them(tmp_path: Path) -> None:
    for unit in UNITS:
        (tmp_path / unit.name).write_text(unit.read_text().replace(PYTHON, sys.executable))
    paths = [str(tmp_path / unit.name) for unit in UNITS]
    done = subprocess.run(["systemd-analyze", "verify", *paths], capture_output=True, text=True, check=False)
    complaints = [line for line in done.stderr.splitlines() if "recommender" in line]
    assert (done.returncode, complaints) == (0, [])


@needs_systemd
@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_they_are_shut_in(service: Path) -> None:
    command = ["systemd-analyze", "security", "--offline=true", f"--threshold={MOST_EXPOSED}", "--no-pager", str(service)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_they_call_commands_that_there_are(service: Path) -> None:
    calls = re.findall(rf"^ExecStart={PYTHON} manage\.py (.+)$", service.read_text(), re.M)
    assert calls
    for call in calls:
        name, *words = shlex.split(call)
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        parser.parse_args(["demo" if word.startswith("$") else word for word in words])


def test_the_environment_holds_settings_and_what_the_units_take() -> None:
    names = set(re.findall(r"^([A-Z_]+)=", ENVIRONMENT, re.M))
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "reference" / "settings.md").read_text(), re.M))
    taken = set(re.findall(r"\$\{([A-Z_]+)\}", "".join(service.read_text() for service in SERVICES)))
    assert names - documented == taken | {"HOME"}


def test_the_nightly_runs_do_not_meet() -> None:
    times = re.findall(r"OnCalendar=(.+)", "".join(unit.read_text() for unit in UNITS))
    assert len(times) == len(set(times)) == 2
