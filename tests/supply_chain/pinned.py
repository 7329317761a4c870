"""The files that `make lock` writes, read."""

import re
from pathlib import Path

from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parents[2]
_ENTRY = re.compile(r"^(?P<requirement>[A-Za-z0-9][^\n\\]*?) ?(?:\\\n|\n)(?P<hashes>(?: {4}--hash=\S+(?: \\)?\n)*)", re.M)


def entries(name: str) -> list[tuple[Requirement, list[str]]]:
    """Each pinned requirement of a file with the digests of its files."""
    text = (ROOT / name).read_text()
    return [
        (Requirement(found["requirement"].strip()), re.findall(r"--hash=(\S+)", found["hashes"]))
        for found in _ENTRY.finditer(text)
    ]


def named(name: str) -> list[str]:
    """The lines of an .in file: `name[extra]==version`."""
    lines = (ROOT / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith(("#", "-"))]


def normal(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", name).lower()
