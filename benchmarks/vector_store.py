"""A vector database beside the mapped file: time of one narrowed search, and the share of the nearest that is found.

Against the server that QDRANT_URL names; nothing is measured without one, for the client's local mode is another program.
"""

import os
import tempfile
import time
from pathlib import Path

from benchmarks.harness.command import main
from benchmarks.harness.measuring import Measured, Ratio, Result, in_turns
from benchmarks.harness.vectors import clustered

CATEGORIES = 20
SHOWN = 26  # of twelve cards: catalog.similar.neighbours asks for twice as many and two


def measure(quick: bool) -> Result:
    n, d, rounds = (1000, 64, 3) if quick else (100_000, 417, 40)
    result = Result("vector_store", "A vector database beside the file", f"{n:,} × {d} float32, one of {CATEGORIES} categories")
    url = os.environ.get("QDRANT_URL", "")
    if not url:
        result.not_run = "set QDRANT_URL=http://host:6333 to a Qdrant server"
        return result
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "benchmarks.harness.site_settings",
            "DJANGO_DEBUG": "true",
            "DATABASE_URL": f"sqlite:///{Path(folder) / 'catalogue.sqlite3'}",
        }
        import django

        django.setup()
        _measure(result, url, n, d, rounds)
    return result


def _measure(result: Result, url: str, n: int, d: int, rounds: int) -> None:
    from datetime import UTC, datetime

    import numpy as np
    from django.core.management import call_command

    from catalog.models import Item
    from catalog.similar.narrowing import Narrowing
    from catalog.vector_stores.file_store import FileStore
    from catalog.vector_stores.push import push_index
    from catalog.vector_stores.qdrant_store import QdrantStore, connect
    from indexing.index.record import FORMAT_VERSION, Index
    from indexing.nearest.all_pairs import all_neighbours

    call_command("migrate", verbosity=0)
    ids = [f"{number:07}" for number in range(n)]
    seen = datetime.now(UTC)
    Item.objects.bulk_create(
        [Item(item_id=item_id, category=str(row % CATEGORIES), last_seen=seen) for row, item_id in enumerate(ids)],
        batch_size=1000,
    )
    vectors = clustered(n, d)
    rows = {item_id: row for row, item_id in enumerate(ids)}
    manifest = {"format_version": FORMAT_VERSION, "network": "none", "created": seen.isoformat()}
    index = Index(tuple(ids), rows, vectors, all_neighbours(vectors), manifest, {})
    collection = connect(url, os.environ.get("VECTOR_STORE_KEY", ""), f"benchmark-{n}-{d}")
    try:
        began = time.perf_counter()
        report = push_index(collection, index)
        result.measured["push"] = Measured((time.perf_counter() - began,), "s", f"recall@50 {min(report.recall.values()):.3f}")
        stores = {"file": FileStore(index), "Qdrant": QdrantStore(collection, index)}
        narrowing, query, own = Narrowing(category="3"), vectors[3][None], np.array([3])
        result.measured |= in_turns(
            {
                name: lambda store=store: store.search(narrowing).nearest(query, SHOWN, own=own, metrics=["cosine"])  # type: ignore[misc]
                for name, store in stores.items()
            },
            rounds,
        )
    finally:
        for name in (collection.name, collection.state_name):
            collection.client.delete_collection(name)
    result.ratios["Qdrant / file"] = Ratio(result.measured["Qdrant"].median / result.measured["file"].median, at_least=False)
    result.ratios["least recall@50"] = Ratio(min(report.recall.values()), 0.99)


if __name__ == "__main__":
    main(measure, __doc__ or "")
