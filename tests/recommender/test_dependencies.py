"""Every pinned package has its reason in CONTRIBUTING.md, and every package is pinned."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LINES = [
    line
    for name in ("requirements.txt", "requirements-dev.txt")
    for line in (ROOT / name).read_text().splitlines()
    if line and not line.startswith(("#", "-r"))
]


@pytest.mark.parametrize("line", LINES)
def test_pinned_with_a_reason(line: str) -> None:
    name, _, version = line.partition("==")
    assert version, f"{line}: pin it"
    name = re.sub(r"\[.*\]", "", name)
    first_cells = [row.split("|")[1] for row in (ROOT / "CONTRIBUTING.md").read_text().splitlines() if row.startswith("| ")]
    assert any(name in re.split(r"[,\s]+", cell.strip()) for cell in first_cells), f"{name}: say why in CONTRIBUTING.md"
