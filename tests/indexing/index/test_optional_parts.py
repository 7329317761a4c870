"""What pages can do without is kept when it is what a build writes, and left out when it is anything else."""

from typing import Any, Final

import numpy as np
import pytest

from indexing.index import optional_parts
from indexing.index.optional_parts import checked_extras, checked_manifest
from indexing.nearest.metrics import METRICS

N, DIM = 6, 2
DIGEST: Final = "ab" * 32
ENTRIES: Final[dict[str, tuple[Any, list[Any]]]] = {  # by name: what is kept, what is not
    "network": ("vgg16", [1, None, ["vgg16"], "a\nb", "x" * 5000]),
    "layer": ("fc2", [2]),
    "preprocessing": ("keras", [{}]),
    "engine": ("mnn+openvino", [[]]),
    "precision": ("float32", [32]),
    "words": (DIGEST, [{}]),
    "note": ("article's", [0]),
    "weights": (
        {"label": "random", "digest": DIGEST, "trained": False, "source": "random", "seed": 0, "description": "r"},
        [
            [], 1, {"label": 1}, {"source": []}, {"description": {}}, {"digest": "../x"}, {"digest": None}, {"trained": "no"},
            {"seed": -1}, {"seed": 1.0}, {"seed": 2**64},
        ],
    ),
    "trained": (None, ["yes", 1]),
    "head": (
        {"digest": DIGEST, "categories": ["Hats"]},
        [[], {"categories": []}, {"digest": DIGEST}, {"digest": DIGEST, "categories": [1]}, {"digest": 1, "categories": []}],
    ),
    "versions": ({"numpy": "2.0"}, [["numpy"], {"numpy": 2}]),
    "previews": ({"a": DIGEST}, [["a"], {"a": 1}, {"a": "a/b"}, {"a": ""}, {"a": "c" * 129}]),
    "skipped": ({"bad.jpg": "not a picture"}, [["bad.jpg"], {"bad.jpg": 1}]),
    "unreadable": ({DIGEST: "not a picture"}, [[], {DIGEST: None}]),
    "extras": (["palette"], ["palette", [1], {"palette": 1}]),
    "created": ("2026-11-02T10:00:00+00:00", ["2026-13-45", 1, "0001-01-01", "1969-12-31", "9999-12-31", None]),
    "built": ({"computed": 3}, [[], "today"]),
    "items": (N, [N + 1, "6", None]),
    "dim": (DIM, [DIM + 1, [2]]),
    "unknown to this program": ({"a": [1, 2.5, None, True]}, [float("nan"), (1,), {1: 2}, b"a", {"a": ["\ud800"]}, "x" * 5000]),
}  # fmt: skip
SETTINGS: Final = {"directions": 64, "lists": 512, "probes": [16], "candidates": 401}
APPROXIMATE: Final[dict[str, Any]] = {
    "search": "approximate", "recall": dict.fromkeys(METRICS, 0.9931), "k": 50, "queries": 1000, **SETTINGS,
}  # fmt: skip
CODES: Final = {"code_bits": 5, "compared": 0.0042}
WITHOUT_SETTINGS: Final = {name: value for name, value in APPROXIMATE.items() if name not in SETTINGS}


def kept(record: Any) -> bool:
    manifest, left_out = checked_manifest({"neighbours": record}, N, DIM)
    assert manifest == ({} if left_out else {"neighbours": record})
    assert left_out in ([], ["the manifest's 'neighbours'"])
    return not left_out


@pytest.mark.parametrize(
    "record",
    [
        {"search": "exact"}, APPROXIMATE, APPROXIMATE | {"probes": [16, 32]}, WITHOUT_SETTINGS, APPROXIMATE | {"k": 1},
        WITHOUT_SETTINGS | CODES,
    ],
)  # fmt: skip
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
        APPROXIMATE | CODES, WITHOUT_SETTINGS | {"compared": 0.1}, WITHOUT_SETTINGS | CODES | {"code_bits": 0},
        WITHOUT_SETTINGS | CODES | {"compared": 1.5}, WITHOUT_SETTINGS | CODES | {"compared": "0.1"},
        *(APPROXIMATE | {"probes": probes} for probes in (16, [], [0], ["16"], [16, 16, 16], {"a": 1})),
    ],
    ids=str,
)  # fmt: skip
def test_what_no_build_records_is_left_out(record: Any) -> None:
    assert not kept(record)


@pytest.mark.parametrize("name", ["recall", "k", "queries", "directions", "lists", "probes", "candidates"])
def test_none_of_an_approximate_searchs_numbers_is_missing(name: str) -> None:
    assert not kept({key: value for key, value in APPROXIMATE.items() if key != name})


@pytest.mark.parametrize("name", ENTRIES)
def test_an_entry_is_kept_or_left_out_by_its_rule(name: str) -> None:
    fitting, wrong = ENTRIES[name]
    assert checked_manifest({name: fitting}, N, DIM) == ({name: fitting}, [])
    for value in wrong:
        assert checked_manifest({name: value}, N, DIM) == ({}, [f"the manifest's {name!r}"]), value


def of(dtype: str, *shape: int, value: float = 0) -> np.ndarray:
    return np.full(shape, value, dtype)


NAN: Final = float("nan")
FALLING: Final = np.array([1, 0], np.float32)
ARRAYS: Final[dict[str, tuple[np.ndarray, list[np.ndarray]]]] = {
    "thumbnails": (of("u1", N, 4, 4, 3), [
        of("u1", N, 4, 5, 3), of("u1", N - 1, 4, 4, 3), of("u1", N, 4, 4), of("u1", N, 4, 4, 4), of("i1", N, 4, 4, 3),
        of("u1", N, 0, 0, 3),
    ]),
    "dominant_colour": (of("u1", N), [of("u1", N - 1), of("u1", N, value=255), of("i4", N), of("u1", N, 1)]),
    "duplicate_group": (of("i4", N), [of("i4", N + 1), of("i8", N), of("i4", N, 2)]),
    "map_places": (of("f4", N, 2), [
        of("f4", N, 3), of("f8", N, 2), of("f4", N, 2, value=NAN), of("f4", N, 2, value=1.1), of("f4", N, 2, value=-0.1),
    ]),
    **dict.fromkeys(
        (f"distance_quantiles_{metric}" for metric in METRICS),
        (of("f4", 11), [of("f4", 1), of("f8", 11), of("f4", 11, value=NAN), of("f4", 11, value=-1), FALLING, of("f4", 200_000),
                        of("f4", 11, value=float("inf"))]),
    ),
}  # fmt: skip
PAIRS: Final[dict[tuple[str, str], tuple[tuple[np.ndarray, np.ndarray], list[tuple[np.ndarray, np.ndarray]]]]] = {
    ("palette", "palette_shares"): ((of("u1", N, 4, 3), of("f4", N, 4)), [
        (of("u1", N, 4, 4), of("f4", N, 4)), (of("u1", N, 4, 3), of("f4", N, 5)), (of("u1", N, 4, 3), of("f8", N, 4)),
        (of("u1", N, 4, 3), of("f4", N, 4, value=NAN)), (of("u1", N, 4, 3), of("f4", N, 4, value=2)),
        (of("u1", N - 1, 4, 3), of("f4", N - 1, 4)),
    ]),
    ("map_cells", "map_regions"): ((of("i4", N, 2), of("i4", N, 2)), [
        (of("i4", N, 2, value=-1), of("i4", N, 2)), (of("i4", N, 2, value=10_000), of("i4", N, 2)),
        (of("i8", N, 2), of("i4", N, 2)), (of("i4", N, 2), of("i4", N, 2, value=-1)), (of("i4", N, 2), of("i4", N, 3)),
        (of("i4", N, 2), of("i4", N, 2, value=256)),
    ]),
}  # fmt: skip


@pytest.mark.parametrize("name", ARRAYS)
def test_an_array_is_kept_or_left_out_by_its_rule(name: str) -> None:
    fitting, wrong = ARRAYS[name]
    assert checked_extras({name: fitting}, N) == ({name: fitting}, [])
    for number, array in enumerate(wrong):
        assert checked_extras({name: array}, N) == ({}, [f"the extra {name!r}"]), number


@pytest.mark.parametrize("names", PAIRS)
def test_two_arrays_that_belong_together_are_left_out_together(names: tuple[str, str]) -> None:
    fitting, wrong = PAIRS[names]
    assert checked_extras(dict(zip(names, fitting, strict=True)), N)[1] == []
    assert checked_extras({names[0]: fitting[0]}, N)[0] == {}
    for number, arrays in enumerate(wrong):
        assert checked_extras(dict(zip(names, arrays, strict=True)), N)[0] == {}, number


def test_every_rule_is_tried() -> None:
    assert set(optional_parts._ENTRIES) <= {*ENTRIES, "neighbours"}
    assert set(optional_parts._ARRAYS) == {*ARRAYS, *(name for names in PAIRS for name in names)}
