"""A folder of previews → the index file, computing only what no index and no interrupted build has computed before."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from indexing.build.lock import build_lock
from indexing.build.manifest import make_manifest
from indexing.build.pictures import THUMBNAIL_SIDE
from indexing.build.pipeline import Extracted, Job, Unit, cut, extract_locally
from indexing.build.previews import MIN_BYTES, Preview, Scanned, list_previews, scan
from indexing.build.progress import Progress, silent
from indexing.build.reuse import Old, identity, old_index
from indexing.build.work_store import WorkStore, work_folder
from indexing.engines import FullEngine, make_engine
from indexing.errors import EngineError, ImagesError, StorageError
from indexing.extras.registry import EXTRAS, ExtrasContext, compute_extras, extra_names
from indexing.index.file import save_index
from indexing.index.record import NEIGHBOURS_KEPT, Index, Neighbours
from indexing.nearest.all_pairs import all_neighbours
from indexing.nearest.metrics import Metric
from indexing.nearest.update import update_neighbours
from indexing.networks.choice import Choice, choose_network
from indexing.parallel import cores

ROUNDS: Final = 3
CLUSTER_BATCH: Final = 16
Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What `build_index` was asked for; names as its flags. threads: None takes every core; batch_size: the engine's best."""

    images: Path
    index: Path
    cache_dir: Path
    network: str = "auto"
    weights: str | None = None
    seed: int = 0
    engine: str = "auto"
    batch_size: int | None = None
    threads: int | None = None
    min_bytes: int = MIN_BYTES
    rebuild: bool = False
    dask: str | None = None


@dataclass(slots=True)
class BuildReport:
    """What a build did. added … unchanged: items, against the index that was there; computed: vectors made by this run;
    skipped: ItemID (or file name) → why; notes: what went wrong without stopping it; seconds: by phase.
    """

    path: Path
    items: int = 0
    added: int = 0
    changed: int = 0
    removed: int = 0
    unchanged: int = 0
    computed: int = 0
    skipped: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    trained: bool = True
    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def phase(self, name: str) -> Iterator[None]:
        """Add the time spent inside to `seconds`."""
        began = time.perf_counter()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - began, 3)


def build_index(options: BuildOptions, log: Log = lambda line: None, progress: Progress = silent) -> BuildReport:
    """Build the index of `options.images` and put it at `options.index`; the old one stays until the new one is whole.

    log: called with each line on what is chosen and why; progress: shows how far it is.
    Raises ImagesError, WeightsError, EngineError, ClusterError, BuildLockedError, StorageError; what was computed is kept then.
    """
    with storage(options.index.parent):
        lock = ExitStack()
        lock.enter_context(build_lock(options.index))
    with lock:
        return _Build(options, log, progress).run()


@contextmanager
def storage(where: Path) -> Iterator[None]:
    """Turn a full disk or a folder that cannot be written into a StorageError that says what to do."""
    try:
        yield
    except OSError as error:
        raise StorageError(
            f"{error.filename or where} cannot be written: {error.strerror or error}. The old index is untouched and the "
            "vectors made so far are kept: make room (or mend the permissions) and run build_index again."
        ) from error


class _Build:
    """One build, while it runs."""

    def __init__(self, options: BuildOptions, log: Log, progress: Progress) -> None:
        self.options, self.log, self.progress = options, log, progress
        self.report = BuildReport(options.index)
        self.threads = options.threads or cores()

    def run(self) -> BuildReport:
        previews, others = list_previews(self.options.images)
        choice = choose_network(self.options.network, self.options.weights, self.options.seed)
        for line in choice.explanation:
            self.log(line)
        self.report.trained = choice.weights.trained
        key = identity(choice.network.spec, choice.weights)
        old = old_index(self.options.index, key, rebuild=self.options.rebuild)
        if old.note is not None:
            self.log(old.note)
        folder = work_folder(self.options.index)
        with storage(folder):
            store = WorkStore(folder, key, choice.network.spec.dim)
        try:
            if self.options.rebuild:
                store.clear()
            scanned = self._extract(previews, choice, old, store)
            unreadable = {**old.failures, **store.failures}
            self.report.skipped = {**others, **_reasons(scanned, unreadable)}
            used = [found for found in scanned if found.preview.item_id not in self.report.skipped]
            here = {found.sha256 for found in scanned}
            self._finish(used, {sha256: why for sha256, why in unreadable.items() if sha256 in here}, choice, old, store)
        except BaseException:
            store.close()
            raise
        store.remove()
        return self.report

    def _extract(self, previews: Sequence[Preview], choice: Choice, old: Old, store: WorkStore) -> list[Scanned]:
        """Have a vector in `old` or `store` for every readable preview; a file that changes meanwhile is scanned again."""
        by_id: dict[str, Scanned] = {}
        waiting = list(previews)
        for _ in range(ROUNDS):
            with self.report.phase("scan"), self.progress("Reading", len(waiting), "previews") as advance:
                by_id.update(
                    {found.preview.item_id: found for found in scan(waiting, self.options.min_bytes, self.threads, advance)}
                )
            jobs = _jobs(by_id.values(), old, store)
            changed = self._compute(jobs, choice, store) if jobs else set()
            waiting = [found.preview for found in by_id.values() if found.sha256 in changed]
            if not waiting:
                break
        for preview in waiting:
            by_id[preview.item_id] = Scanned(preview, None, "changed again and again while it was read")
        return [by_id[preview.item_id] for preview in previews]

    def _compute(self, jobs: Sequence[Job], choice: Choice, store: WorkStore) -> set[str]:
        """Put the jobs' vectors into the store; the digests of files that are no longer what they were."""
        changed: set[str] = set()
        self.log(f"{len(jobs)} vectors to compute.")
        with self.report.phase("extract"):
            results = self._on_cluster(jobs, choice) if self.options.dask else self._locally(jobs, choice)
            with self.progress("Vectors", len(jobs), "pictures") as advance:
                for engine, extracted in results:
                    if not np.isfinite(extracted.vectors).all():
                        raise EngineError(f"The engine {engine} gave numbers that are not finite: try --engine tensorflow.")
                    with storage(store.path):
                        store.append(extracted, engine)
                    changed.update(extracted.changed)
                    self.report.computed += len(extracted.sha256s)
                    advance(len(extracted.sha256s) + len(extracted.failures) + len(extracted.changed))
        return changed

    def _locally(self, jobs: Sequence[Job], choice: Choice) -> Iterator[tuple[str, Extracted]]:
        options = self.options
        engine: FullEngine = make_engine(
            options.engine, choice.network, choice.weights, options.threads, options.cache_dir, options.batch_size
        )
        try:
            self.log(f"Engine: {engine.explanation}.")
            units: list[Unit] = cut(jobs, engine.batch_size)
            for extracted in extract_locally(units, choice.network, engine, self.threads):
                yield engine.name, extracted
        finally:
            engine.close()  # before neighbours are computed: its weights need the memory that they do

    def _on_cluster(self, jobs: Sequence[Job], choice: Choice) -> Iterator[tuple[str, Extracted]]:
        # Half a second to import, and only this needs them.
        from indexing.build.dask_build import extract_on_cluster
        from indexing.build.dask_worker import Order

        options = self.options
        assert options.dask is not None
        size = options.batch_size or CLUSTER_BATCH
        order = Order(choice.network, choice.weights, options.engine, size, options.cache_dir)
        self.log(f"On the Dask cluster {options.dask}.")
        return extract_on_cluster(cut(jobs, size), options.dask, order)

    def _finish(
        self, found: Sequence[Scanned], unreadable: Mapping[str, str], choice: Choice, old: Old, store: WorkStore
    ) -> None:
        """From vectors that are all there to the file in its place."""
        if not found:
            name, reason = next(iter(self.report.skipped.items()))
            raise ImagesError(
                f"Not one preview in {self.options.images} can be used: {len(self.report.skipped)} skipped, {name}: {reason}."
            )
        report = self.report
        item_ids = tuple(scanned.preview.item_id for scanned in found)
        previews = {scanned.preview.item_id: scanned.sha256 or "" for scanned in found}
        _compare(report, old.previews, previews)
        unchanged = old.index is not None and list(old.previews.items()) == list(previews.items()) and not store.known
        if old.index is not None and unchanged and self._complete(old.index):
            self.log("Nothing has changed: the index stays as it is.")
            return
        with report.phase("gather"):
            vectors, thumbnails = _gather(list(previews.values()), choice.network.spec.dim, old, store)
        with report.phase("neighbours"):
            neighbours = (
                old.index.neighbours if old.index is not None and unchanged else self._neighbours(vectors, previews, old, store)
            )
        with report.phase("extras"), self.progress("For the site", len(EXTRAS), "extras") as advance:
            paths = [scanned.preview.path for scanned in found]
            context = ExtrasContext(item_ids, vectors, neighbours, thumbnails, paths)
            extras, failures = compute_extras(context, EXTRAS, advance)
        report.notes += failures.values()
        made = [name for name in extra_names(EXTRAS) if name not in failures]
        engines = _engines(old, store, previews)
        manifest = make_manifest(choice, previews, report.skipped, unreadable, made, engines, report.seconds, report.computed)
        with report.phase("write"):
            rows = {item_id: row for row, item_id in enumerate(item_ids)}
            with storage(self.options.index.parent):
                save_index(Index(item_ids, rows, vectors, neighbours, manifest, extras), self.options.index)

    def _complete(self, index: Index) -> bool:
        """Whether a new index could say nothing that `index` does not."""
        return index.manifest.get("skipped") == self.report.skipped and index.manifest.get("extras") == extra_names(EXTRAS)

    def _neighbours(
        self, vectors: NDArray[np.float32], previews: Mapping[str, str], old: Old, store: WorkStore
    ) -> Mapping[Metric, Neighbours]:
        """All of them; for about the price of what changed, where most vectors are the old index's."""
        with self.progress("Neighbours", len(vectors), "items") as advance:
            done = 0

            def shown(now: int, total: int) -> None:
                nonlocal done
                now = now * len(vectors) // max(total, 1)
                advance(now - done)
                done = now

            if old.index is None:
                return all_neighbours(vectors, NEIGHBOURS_KEPT, shown, self.options.threads)
            previous = old.previous_rows(previews, store.known)
            return update_neighbours(vectors, old.index.neighbours, previous, NEIGHBOURS_KEPT, shown, self.options.threads)


def _jobs(found: Iterable[Scanned], old: Old, store: WorkStore) -> list[Job]:
    """One job for each digest that nothing is known of, in the order of ItemIDs: equal files are looked at once."""
    known = {*old.rows, *old.failures, *store.known, *store.failures}
    jobs: dict[str, Job] = {}
    for scanned in found:
        if scanned.sha256 is not None and scanned.sha256 not in known:
            jobs.setdefault(scanned.sha256, Job(scanned.sha256, scanned.preview.path))
    return list(jobs.values())


def _reasons(found: Sequence[Scanned], failures: Mapping[str, str]) -> dict[str, str]:
    reasons = {scanned.preview.item_id: scanned.reason or failures.get(scanned.sha256 or "") for scanned in found}
    return {item_id: reason for item_id, reason in reasons.items() if reason is not None}


def _gather(sha256s: Sequence[str], dim: int, old: Old, store: WorkStore) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    vectors = np.empty((len(sha256s), dim), np.float32)
    thumbnails = np.empty((len(sha256s), THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3), np.uint8)
    known = store.known
    fresh = [(sha256, row) for row, sha256 in enumerate(sha256s) if sha256 in known]
    store.read_into([sha256 for sha256, _ in fresh], [row for _, row in fresh], vectors, thumbnails)
    for row, sha256 in enumerate(sha256s):
        if sha256 not in known:
            old.read_into(sha256, row, vectors, thumbnails)
    return vectors, thumbnails


def _engines(old: Old, store: WorkStore, previews: Mapping[str, str]) -> set[str]:
    engines = set(store.engines)
    if old.index is not None and not set(previews.values()) <= store.known:
        engines.update(str(old.index.manifest.get("engine", "")).split("+"))
    return engines


def _compare(report: BuildReport, before: Mapping[str, str], now: Mapping[str, str]) -> None:
    report.items = len(now)
    report.added = len(now.keys() - before.keys())
    report.removed = len(before.keys() - now.keys())
    report.unchanged = sum(before.get(item_id) == sha256 for item_id, sha256 in now.items())
    report.changed = len(now) - report.added - report.unchanged
