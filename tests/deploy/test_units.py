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
# What shuts each service in, line by line: one that is missing barely moves the sum that systemd-analyze makes.
SANDBOX = """
EnvironmentFile=/etc/recommender.env
User=recommender
Group=recommender
WorkingDirectory=/opt/recommender
StateDirectory=recommender
StateDirectoryMode=0750
UMask=0027
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateUsers=yes
ProtectProc=invisible
ProtectClock=yes
ProtectHostname=yes
ProtectKernelLogs=yes
ProtectKernelModules=yes
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
KeyringMode=private
NoNewPrivileges=yes
CapabilityBoundingSet=
AmbientCapabilities=
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged
SystemCallErrorNumber=EPERM
""".strip().splitlines()
# What else a service needs to be what the page promises.
PROMISED = {
    "recommender.service": {
        *("Type=notify", "Restart=always", "MemoryMax=40%", "TasksMax=512", "LimitNOFILE=16384"),
        *("ExecReload=/bin/kill -HUP $MAINPID", "WantedBy=multi-user.target", "IPAddressDeny=any", "IPAddressAllow=localhost"),
    },
    "recommender-refresh.service": {"Type=oneshot", "Nice=10", "MemoryMax=50%", "TimeoutStartSec=20h"},
    "recommender-backup.service": {
        *("Type=oneshot", "Nice=10", "MemoryMax=25%", "TimeoutStartSec=4h", "ReadWritePaths=/var/backups/recommender"),
        *("IPAddressDeny=any", "IPAddressAllow=localhost"),
    },
}
CALLED = {
    "recommender.service": ["run_site"],
    "recommender-refresh.service": ["scrape", "build_index"],
    "recommender-backup.service": ["backup"],
}
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
def test_no_line_of_the_sandbox_is_missing(service: Path) -> None:
    lines = set(service.read_text().splitlines())
    assert [line for line in (*SANDBOX, *sorted(PROMISED[service.name])) if line not in lines] == []


@pytest.mark.parametrize("service", SERVICES, ids=lambda path: path.name)
def test_they_call_commands_that_there_are(service: Path) -> None:
    calls = re.findall(rf"^ExecStart={PYTHON} manage\.py (.+)$", service.read_text(), re.M)
    assert [call.split()[0] for call in calls] == CALLED[service.name]
    for call in calls:
        name, *words = shlex.split(call)
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
        parser.parse_args(["demo" if word.startswith("$") else word for word in words])


def test_the_environment_holds_settings_and_what_the_units_take() -> None:
    names = set(re.findall(r"^([A-Z_]+)=", ENVIRONMENT, re.M))
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", (ROOT / "docs" / "reference" / "settings.md").read_text(), re.M))
    taken = set(re.findall(r"\$\{([A-Z_]+)\}", "".join(service.read_text() for service in SERVICES)))
    assert names - documented == taken | {"HOME"}


def test_a_shell_reads_the_environment_as_systemd_does(tmp_path: Path) -> None:
    """deploy/manage is a shell's script; a shop's address may hold what means something there."""
    shop = "https://shop.example/?category=1&sort=new;x=$HOME"
    file = tmp_path / "recommender.env"
    file.write_text(re.sub(r"https://shop\.example/[^']*", lambda _found: shop, ENVIRONMENT))
    done = subprocess.run(["/bin/sh", "-euc", f'. {file}; printf %s "$SHOP"'], capture_output=True, text=True, check=True)
    assert done.stdout == shop


def test_the_nightly_runs_do_not_meet() -> None:
    timers = {unit.stem: unit.read_text().splitlines() for unit in UNITS if unit.suffix == ".timer"}
    # A timer starts the service of its name.
    assert set(timers) == {"recommender-refresh", "recommender-backup"} < {service.stem for service in SERVICES}
    times = [re.search(r"^OnCalendar=\*-\*-\* (\d\d:\d\d)$", "\n".join(lines), re.M) for lines in timers.values()]
    assert len({time[1] for time in times if time}) == 2, "each runs every night, at a time of its own"
    for lines in timers.values():
        assert {"Persistent=true", "WantedBy=timers.target"} <= set(lines)
