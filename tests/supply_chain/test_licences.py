"""Every package that the product needs has a licence that a shop can live with."""

import re

import pytest

from tests.supply_chain.licences import PAGE, needed

ROWS = dict(re.findall(r"^\| ([a-z0-9-]+) \| (.+) \|$", PAGE.read_text().partition("|---|---|")[2], re.M))
# Free to use in a shop's own server: permissive ones, and weak copyleft of libraries that are used as they are.
ALLOWED = re.compile(
    r"MIT|MIT-CMU|BSD|BSD-[23]-Clause|0BSD|Apache-2\.0|Apache-2\.0 WITH LLVM-exception|PSF-2\.0|ISC|Zlib|CC0-1\.0|ZPL-2\.1|HPND"
    r"|MPL-2\.0"
)
LIBRARIES = {"psycopg": "LGPL-3.0-only", "psycopg-binary": "LGPL-3.0-only"}


def test_the_page_lists_every_package() -> None:
    assert sorted(set(needed()) - set(ROWS)) == [], "run make licences"


@pytest.mark.parametrize("name", ROWS)
def test_its_licence_is_one_of_those_looked_at(name: str) -> None:
    assert is_allowed(name, ROWS[name]), ROWS[name]


def is_allowed(name: str, licence: str) -> bool:
    if LIBRARIES.get(name) == licence:
        return True
    return all(ALLOWED.fullmatch(part) for part in re.split(r" AND | OR |; ", licence))


@pytest.mark.parametrize("licence", ["GPL-3.0-only", "MIT AND GPL-3.0", "UNKNOWN", "LGPL-3.0-only", "AGPL-3.0", ""])
def test_others_are_not(licence: str) -> None:
    assert not is_allowed("some-package", licence)
