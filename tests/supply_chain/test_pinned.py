"""Every package is pinned, has its reason in CONTRIBUTING.md, and is installed only as the file that was looked at."""

import re

import pytest

from tests.supply_chain.pinned import ROOT, entries, named, normal

FILES = ("requirements", "requirements-dev")
FILES_WRITTEN = (
    "requirements.in",
    "requirements.txt",
    "requirements-dev.in",
    "requirements-dev.txt",
    "deploy/requirements.txt",
)
LINES = [line for name in FILES for line in named(f"{name}.in")]


@pytest.mark.parametrize("line", LINES)
def test_pinned_with_a_reason(line: str) -> None:
    name, _, version = line.partition("==")
    assert version, f"{line}: pin it"
    name = re.sub(r"\[.*\]", "", name)
    first_cells = [row.split("|")[1] for row in (ROOT / "CONTRIBUTING.md").read_text().splitlines() if row.startswith("| ")]
    assert any(name in re.split(r"[,\s]+", cell.strip()) for cell in first_cells), f"{name}: say why in CONTRIBUTING.md"


@pytest.mark.parametrize("name", FILES)
def test_what_is_named_is_locked(name: str) -> None:
    locked = {(normal(one.name), str(one.specifier)) for one, _ in entries(f"{name}.txt")}
    wanted = {line: line.partition("==") for line in named(f"{name}.in")}
    stale = [
        line
        for line, (package, _, version) in wanted.items()
        if (normal(package.partition("[")[0]), f"=={version}") not in locked
    ]
    assert stale == [], "run make lock"


@pytest.mark.parametrize("name", FILES)
def test_every_package_has_its_digests(name: str) -> None:
    found = entries(f"{name}.txt")
    assert len(found) > 50
    assert [str(one) for one, digests in found if not digests or not all(d.startswith("sha256:") for d in digests)] == []
    assert [str(one) for one, _ in found if not re.fullmatch(r"==[^=,*]+", str(one.specifier))] == []


def test_developing_runs_what_the_product_runs() -> None:
    run, develop = ({(normal(one.name), str(one.specifier)) for one, _ in entries(f"{name}.txt")} for name in FILES)
    assert run <= develop


@pytest.mark.parametrize("name", FILES_WRITTEN)
def test_no_address_is_written_down(name: str) -> None:
    assert "://" not in (ROOT / name).read_text()
