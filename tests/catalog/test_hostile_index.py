"""A damaged index is refused in one line, or every page and address of the API answers below 500 with what is left of it.

Seeded: the same files each time. What is tried and how often stands in docs/explanation/reliability.md.
"""

import copy
import itertools
import json
import logging
import random
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import joblib
import numpy as np
import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.test import Client

from catalog import index_store
from indexing.build.pictures import THUMBNAIL_SIDE
from indexing.errors import IndexFileError
from indexing.extras.colours import colours
from indexing.extras.layout import layout
from indexing.extras.map_grid import map_arrays
from indexing.extras.quantiles import distance_quantiles
from indexing.index.file import load_index
from tests.catalog.builders import MANIFEST, POINTS, add_items, make_index, write_index, write_preview

SEED: Final = 14
CASES: Final = 30  # of 600
BYTE_FLIPS: Final = 80
CUTS: Final = 30
MANY: Final = {
    **POINTS, **{f"more-{number}": (float(number), float(number % 7) + 0.25) for number in range(24)},
}  # fmt: skip

PAGES: Final = (
    "/", "/items/a/", "/items/a/?fold=0&n=48", "/items/bad/", "/items/", "/recent/?ids=a,b", "/compare/a/b/",
    "/compare/a/b/heat-a.png", "/map/", "/map/data.json", "/map/items/a/", "/taste/", "/search/photo/", "/widget/demo/",
    "/readyz", "/admin/", "/admin/owner/run/",
)  # fmt: skip
API: Final = (
    "/api/v1/items", "/api/v1/items/random", "/api/v1/items/a", "/api/v1/items/a/similar?k=20",
    "/api/v1/items/a/similar?metric=manhattan&price_max=20", "/api/v1/items/c/similar?metric=euclidean&folded=true",
    "/api/v1/compare/a/b", "/api/v1/map", "/api/v1/taste?like=a,b&dislike=c",
)  # fmt: skip

MOST_SENSITIVE: Final = ("/items/a/", "/map/data.json", "/compare/a/b/", "/taste/", "/admin/", *API[3:6])


def good() -> dict[str, Any]:
    """What is in a whole file, every entry and extra in its place."""
    rng = np.random.default_rng(SEED)
    vectors = np.array(list(MANY.values()), np.float32)
    thumbnails = rng.integers(0, 256, (len(MANY), THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3), dtype=np.uint8)
    extras: dict[str, np.ndarray] = {
        "thumbnails": thumbnails,
        "duplicate_group": np.arange(len(MANY), dtype=np.int32) // 2,
        **colours(thumbnails),
        **distance_quantiles(vectors),
        **map_arrays(layout(vectors)),
    }
    manifest = {
        **MANIFEST,
        "layer": "fc2",
        "preprocessing": "keras",
        "engine": "mnn",
        "weights": {
            "label": "random",
            "digest": "ab" * 32,
            "trained": False,
            "source": "random",
            "seed": 0,
            "description": "r",
        },
        "trained": False,
        "items": len(MANY),
        "dim": 2,
        "versions": {"numpy": "2.0"},
        "previews": dict.fromkeys(MANY, "cd" * 32),
        "skipped": {"bad.jpg": "not a picture"},
        "unreadable": {"ef" * 32: "not a picture"},
        "extras": sorted(extras),
        "built": {"seconds": {"extract": 1.5}, "computed": 3, "machine": "x86_64, 2 cores"},
    }
    content: dict[str, Any] = joblib.load(write_index(make_index(MANY, manifest, extras)))
    return content


WRONG_VALUES: Final[tuple[Any, ...]] = (
    None, -1, 2**63, float("nan"), True, "", "../../etc/passwd", "\ud800", "a\x00b", "x" * 100_000, [], [[[1]]], {},
    {"a": None}, {"a": "\ud800"}, {1: 2}, b"bytes", np.zeros(3), "9999-12-31T23:59:59+14:00", "2026-13-45T99:99:99",
    "0001-01-01T00:00:00-14:00",
)  # fmt: skip
WRONG_ARRAYS: Final[tuple[Callable[[np.ndarray], Any], ...]] = (
    lambda array: array[:-1],
    lambda array: array.ravel()[:7],
    lambda array: array[..., None],
    lambda array: array[:0],
    lambda array: array.astype(np.int64),
    lambda array: array.astype(np.float64),
    lambda array: array.astype("U8"),
    lambda array: np.full(array.shape, 255, array.dtype),
    lambda array: np.full(array.shape, np.iinfo(array.dtype).min if array.dtype.kind in "iu" else np.nan, array.dtype),
    lambda array: np.full(array.shape, np.iinfo(array.dtype).max if array.dtype.kind in "iu" else np.inf, array.dtype),
    lambda array: array[::-1].copy(),
)


def places(content: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Every part that may be of a wrong kind: the dict that holds it, and its key there."""
    manifest = content["manifest"]
    for holder in (manifest, manifest["weights"], content["extras"], content["neighbours"]["cosine"]):
        yield from ((holder, name) for name in holder)
    yield content, "vectors"


def spoil(content: dict[str, Any], place: int, way: int) -> str:
    """Put another value into one place. The name of what was done."""
    holder, name = list(places(content))[place]
    wrong = WRONG_ARRAYS[way % len(WRONG_ARRAYS)](holder[name]) if isinstance(holder[name], np.ndarray) else WRONG_VALUES[way]
    holder[name] = wrong
    return f"{name}, way {way}"


@pytest.fixture
def client(db: None) -> Client:
    """An owner's, to whom errors are pages."""
    add_items()
    for item_id in "ab":
        write_preview(item_id, 64, 64)
    visitor = Client(raise_request_exception=False)
    visitor.force_login(User.objects.create_superuser("owner", password="a long password"))
    session = visitor.session
    session["liked"], session["disliked"] = ["a"], ["c"]
    session.save()
    return visitor


def failures(client: Client, path: Path, addresses: tuple[str, ...]) -> list[str]:
    """The addresses that answer 500 while the index at `path` is served, or JSON that is none; [] when it is refused."""
    index_store._stores.clear()
    refusal = ""
    try:
        load_index(path)
    except IndexFileError as error:
        refusal = str(error)
    assert "\n" not in refusal
    assert len(refusal) < 600
    wrong: list[str] = []
    for address in ("/items/a/",) if refusal else addresses:
        response = client.get(address)
        if response.status_code == 500:
            wrong.append(address)
        elif response.headers.get("Content-Type", "") == "application/json":
            json.loads(response.content, parse_constant=wrong.append)  # NaN and Infinity are no JSON
    return wrong


def test_every_page_answers_beside_a_part_of_a_wrong_kind(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    whole, found = good(), {}
    everywhere = list(itertools.product(range(len(list(places(whole)))), range(len(WRONG_VALUES))))
    for place, way in random.Random(SEED).sample(everywhere, CASES):
        content = copy.deepcopy(whole)
        name = spoil(content, place, way)
        joblib.dump(content, settings.INDEX_PATH)
        wrong = failures(client, settings.INDEX_PATH, PAGES + API)
        if wrong:
            found[name] = wrong
    assert found == {}


def test_every_page_answers_beside_flipped_bytes(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    content = good()
    del content["extras"]["thumbnails"]  # nine tenths of the file, where any byte is a pixel
    joblib.dump(content, settings.INDEX_PATH)
    whole, rng, found = settings.INDEX_PATH.read_bytes(), random.Random(SEED), {}
    for _ in range(BYTE_FLIPS):
        damaged = bytearray(whole)
        flipped = rng.sample(range(len(whole)), rng.choice((1, 1, 3)))
        for place in flipped:
            damaged[place] ^= rng.randrange(1, 256)
        settings.INDEX_PATH.write_bytes(damaged)
        wrong = failures(client, settings.INDEX_PATH, MOST_SENSITIVE)
        if wrong:
            found[tuple(flipped)] = wrong
    assert found == {}


def test_every_page_answers_beside_a_file_cut_short(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.CRITICAL)
    joblib.dump(good(), settings.INDEX_PATH)
    whole, rng = settings.INDEX_PATH.read_bytes(), random.Random(SEED)
    for length in sorted(rng.sample(range(len(whole)), CUTS)):
        settings.INDEX_PATH.write_bytes(whole[:length])
        index_store._stores.clear()
        assert client.get("/items/a/").status_code == 503


@pytest.mark.parametrize("record", [["search"], {"search": "approximate", "recall": float("nan"), "k": "50"}])
def test_every_page_answers_beside_a_wrong_record_of_neighbours(
    record: Any, client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    content = good()
    content["manifest"]["neighbours"] = record
    joblib.dump(content, settings.INDEX_PATH)
    assert "neighbours" not in load_index(settings.INDEX_PATH).manifest
    assert "left out, since it does not fit: the manifest's 'neighbours'." in caplog.text
    assert failures(client, settings.INDEX_PATH, PAGES + API) == []


def test_what_does_not_fit_is_named_once(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    content = good()
    content["manifest"]["previews"] = {"a": 1}
    content["manifest"]["created"] = "2026-13-45"
    content["extras"]["palette"] = content["extras"]["palette"][:2]
    joblib.dump(content, settings.INDEX_PATH)
    index = load_index(settings.INDEX_PATH)
    [line] = [record.message for record in caplog.records if "left out" in record.message]
    assert (
        "the manifest's 'created', the manifest's 'previews', the extra 'palette', the extra 'palette_shares'"
        in line.replace(
            "the manifest's 'previews', the manifest's 'created'", "the manifest's 'created', the manifest's 'previews'"
        )
    )
    assert not {"previews", "created"} & set(index.manifest)
    assert "dominant_colour" in index.extras


def test_names_of_files_that_utf_8_cannot_write_are_kept_as_far_as_it_can(client: Client) -> None:
    content = good()
    content["manifest"]["skipped"] = {"bad\udce4.jpg": "not a picture"}
    joblib.dump(content, settings.INDEX_PATH)
    assert load_index(settings.INDEX_PATH).manifest["skipped"] == {"bad?.jpg": "not a picture"}
