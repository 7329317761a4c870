"""The manifest's record of how neighbours were found: what a build writes is kept, anything else is left out."""

from typing import Any, Final

import pytest

from indexing.index.optional_parts import checked_manifest
from indexing.nearest.metrics import METRICS

SETTINGS: Final = {"directions": 64, "lists": 512, "probes": [16], "candidates": 401}
APPROXIMATE: Final[dict[str, Any]] = {
    "search": "approximate", "recall": dict.fromkeys(METRICS, 0.9931), "k": 50, "queries": 1000, **SETTINGS,
}  # fmt: skip
WITHOUT_SETTINGS: Final = {name: value for name, value in APPROXIMATE.items() if name not in SETTINGS}


def kept(record: Any) -> bool:
    manifest, left_out = checked_manifest({"neighbours": record}, 6, 2)
    assert manifest == ({} if left_out else {"neighbours": record})
    assert left_out in ([], ["the manifest's 'neighbours'"])
    return not left_out


@pytest.mark.parametrize(
    "record", [{"search": "exact"}, APPROXIMATE, APPROXIMATE | {"probes": [16, 32]}, WITHOUT_SETTINGS, APPROXIMATE | {"k": 1}]
)
def test_what_a_build_records_is_kept(record: dict[str, Any]) -> None:
    assert kept(record)


@pytest.mark.parametrize(
    "record",
    [
        [], ["search"], "exact", None, 1, {}, {"search": []}, {"search": "auto"}, {"search": "exact", "recall": 1},
        {"search": "approximate"}, WITHOUT_SETTINGS | {"lists": 512}, APPROXIMATE | {"more": 1},
        *(APPROXIMATE | {"recall": recall} for recall in (
            [0.99] * 3, {}, {"cosine": 0.99}, dict.fromkeys(METRICS, "0.99"), dict.fromkeys(METRICS, float("nan")),
            dict.fromkeys(METRICS, 1.5), dict.fromkeys(METRICS, True), dict.fromkeys((*METRICS, "other"), 0.99),
        )),
        *(APPROXIMATE | {name: value} for name in ("k", "queries", "directions", "lists", "candidates")
          for value in (0, -1, 1.5, "50", True, [50], 2**64)),
        *(APPROXIMATE | {"probes": probes} for probes in (16, [], [0], ["16"], [16, 16, 16], {"a": 1})),
    ],
    ids=str,
)  # fmt: skip
def test_what_no_build_records_is_left_out(record: Any) -> None:
    assert not kept(record)


@pytest.mark.parametrize("name", ["recall", "k", "queries", "directions", "lists", "probes", "candidates"])
def test_none_of_an_approximate_searchs_numbers_is_missing(name: str) -> None:
    assert not kept({key: value for key, value in APPROXIMATE.items() if key != name})
