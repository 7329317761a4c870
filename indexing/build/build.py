"""A folder of previews → the index file, computing only what no index and no interrupted build has computed before."""

import math
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexing.build.lock import build_lock
from indexing.build.manifest import make_manifest
from indexing.build.neighbours import Cluster, Earlier, Found, find_neighbours, recorded, still_good
from indexing.build.pictures import THUMBNAIL_SIDE
from indexing.build.pipeline import Extracted, Job, Unit, cut, extract_locally
from indexing.build.previews import MIN_BYTES, Preview, Scan, list_previews, scan_previews
from indexing.build.progress import Progress, silent
from indexing.build.report import BuildReport
from indexing.build.reuse import PreviousIndex, identity, previous_index
from indexing.build.work_store import WorkStore, work_folder
from indexing.engines import PRECISION_CHOICES, FullEngine, make_engine
from indexing.engines.processor import usable_precisions
from indexing.errors import EngineError, ImagesError, StorageError
from indexing.extras.registry import EXTRAS, ExtrasContext, compute_extras, extra_names
from indexing.heads.head import NETWORK as HEADED
from indexing.heads.head import Head
from indexing.heads.store import current_head
from indexing.index.file import save_index
from indexing.index.record import Index, recorded_precision
from indexing.nearest.half import round_to_half, stored_as
from indexing.networks.choice import Choice, choose_network
from indexing.parallel import cores

ROUNDS: Final = 3
CLUSTER_BATCH: Final = 16
IN_MEMORY: Final = 2**28  # bytes; larger arrays of vectors or thumbnails are gathered in a file
Log = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class BuildOptions:
    """What `build_index` was asked for; names as its flags. threads: None takes every core; batch_size: the engine's best;
    heads: the folder of learned heads, None for the bundled one."""

    images: Path
    index: Path
    cache_dir: Path
    network: str = "auto"
    weights: str | None = None
    seed: int = 0
    engine: str = "auto"
    precision: str = "auto"
    batch_size: int | None = None
    threads: int | None = None
    min_bytes: int = MIN_BYTES
    rebuild: bool = False
    dask: str | None = None
    neighbours: str = "auto"
    heads: Path | None = None
    store: str = "float32"


def build_index(options: BuildOptions, log: Log = lambda line: None, progress: Progress = silent) -> BuildReport:
    """Build the index of `options.images` and put it at `options.index`; the previous one stays until the new one is complete.

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
            "vectors computed so far are kept: make room (or mend the permissions) and run build_index again."
        ) from error


class _Build:
    """One build, while it runs."""

    def __init__(self, options: BuildOptions, log: Log, progress: Progress) -> None:
        self.options, self.log, self.progress = options, log, progress
        self.report = BuildReport(options.index)
        self.threads = options.threads or cores()
        self.precision = options.precision

    def run(self) -> BuildReport:
        previews, others = list_previews(self.options.images)
        choice = choose_network(self.options.network, self.options.weights, self.options.seed, self.options.cache_dir)
        for line in choice.explanation:
            self.log(line)
        self.report.trained = choice.weights.trained
        self.head = self._learned_head(choice)
        asked = self._asked_precision(choice)
        key, dim, options = identity(choice.network.spec, choice.weights, asked), choice.network.spec.dim, self.options
        previous = previous_index(options.index, key, dim, rebuild=options.rebuild, store=options.store)
        if previous.note is not None:
            self.log(previous.note)
        if asked == "auto":
            asked = (
                recorded_precision(previous.index.manifest)
                if previous.index is not None
                else self._own_precision(choice, asked)
            )
        self.precision = asked
        key = identity(choice.network.spec, choice.weights, self.precision)
        folder = work_folder(self.options.index)
        with storage(folder):
            store = WorkStore(folder, key, choice.network.spec.dim)
        try:
            if self.options.rebuild:
                store.clear()
            scanned = self._extract(previews, choice, previous, store)
            unreadable = {**previous.failures, **store.failures}
            self.report.skipped = {**others, **_reasons(scanned, unreadable)}
            used = [scan for scan in scanned if scan.preview.item_id not in self.report.skipped]
            digests = {scan.sha256 for scan in scanned}
            self._finish(
                used, {sha256: why for sha256, why in unreadable.items() if sha256 in digests}, choice, previous, store
            )
        except BaseException:
            store.close()
            raise
        store.remove()
        return self.report

    def _learned_head(self, choice: Choice) -> Head | None:
        """The shop's own head, if there is one for this network. Raises WeightsError."""
        spec = choice.network.spec
        head = current_head(self.options.heads) if self.options.heads is not None and spec.name == HEADED else None
        if head is None:
            return None
        if not head.fits(spec.name, choice.weights.digest, spec.preprocessing):
            self.log("The learned head is left out: it was learned with other weights. learn_head learns another.")
            return None
        self.log(f"With the head that was learned from {len(head.categories)} categories (learn_head --forget: without).")
        return head

    def _asked_precision(self, choice: Choice) -> str:
        """The precision of the vectors, `auto` if it depends on the index that is there or on what is fastest here."""
        precision, options = self.options.precision, self.options
        if precision not in PRECISION_CHOICES:
            raise EngineError(f"There is no precision {precision!r}: choose one of {', '.join(PRECISION_CHOICES)}.")
        if precision == "auto" and options.dask:
            return "float32"  # every worker can; each would find another one fastest
        if precision == "bfloat16" and not options.dask:
            return self._own_precision(choice, precision)
        return precision

    def _own_precision(self, choice: Choice, precision: str) -> str:
        """What `precision` comes to on this machine: the proof and a trial tell, whose outcome the cache keeps."""
        if precision == "auto" and usable_precisions() == ("float32",):
            return "float32"
        engine = self._engine(choice, precision)
        try:
            return engine.precision
        finally:
            engine.close()

    def _engine(self, choice: Choice, precision: str) -> FullEngine:
        options = self.options
        return make_engine(
            options.engine, choice.network, choice.weights, options.threads, options.cache_dir, options.batch_size, precision
        )

    def _extract(self, previews: Sequence[Preview], choice: Choice, previous: PreviousIndex, store: WorkStore) -> list[Scan]:
        """Have a vector in `previous` or `store` for every readable preview; a file that changes meanwhile is scanned again."""
        by_id: dict[str, Scan] = {}
        to_scan = list(previews)
        for _ in range(ROUNDS):
            with self.report.phase("scan"), self.progress("Reading", len(to_scan), "previews") as advance:
                scanned = scan_previews(to_scan, self.options.min_bytes, self.threads, advance)
            by_id.update({scan.preview.item_id: scan for scan in scanned})
            jobs = _jobs(by_id.values(), previous, store)
            changed = self._compute(jobs, choice, store) if jobs else set()
            to_scan = [scan.preview for scan in by_id.values() if scan.sha256 in changed]
            if not to_scan:
                break
        for preview in to_scan:
            by_id[preview.item_id] = Scan(preview, None, "changed again and again while it was read")
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
        engine = self._engine(choice, self.precision)
        try:
            if engine.precision != self.precision:
                raise EngineError(
                    f"The engine {engine.name} computes in {engine.precision}, the index's vectors are in {self.precision}: "
                    f"run build_index --precision {engine.precision.partition('+')[0]}."
                )
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
        order = Order(choice.network, choice.weights, options.engine, size, options.cache_dir, self.precision)
        self.log(f"On the Dask cluster {options.dask}.")
        return extract_on_cluster(cut(jobs, size), options.dask, order)

    def _finish(
        self,
        scanned: Sequence[Scan],
        unreadable: Mapping[str, str],
        choice: Choice,
        previous: PreviousIndex,
        store: WorkStore,
    ) -> None:
        """From complete vectors to the index file."""
        if not scanned:
            name, reason = next(iter(self.report.skipped.items()))
            raise ImagesError(
                f"Not one preview in {self.options.images} can be used: {len(self.report.skipped)} skipped, {name}: {reason}."
            )
        report = self.report
        item_ids = tuple(scan.preview.item_id for scan in scanned)
        previews = {scan.preview.item_id: scan.sha256 or "" for scan in scanned}
        report.count_changes(previous.previews, previews)
        same_head = previous.head == (self.head.digest if self.head is not None else "")
        same_store = previous.index is not None and stored_as(previous.index.vectors) == self.options.store
        same_vectors = same_store and same_head
        unchanged = same_vectors and list(previous.previews.items()) == list(previews.items()) and not store.known
        if previous.index is not None and unchanged and self._complete(previous.index):
            self.log("Nothing has changed: the index stays as it is.")
            return
        with report.phase("gather"):
            shas, dim = list(previews.values()), choice.network.spec.dim
            with storage(self.options.index.parent):
                vectors, thumbnails = _gather(shas, dim, self.head, previous, store, self.options.index.parent)
        if self.options.store == "float16" and not round_to_half(vectors):
            raise EngineError("This network's vectors have numbers too large for float16: build with --store float32.")
        with report.phase("neighbours"):
            if previous.index is not None and unchanged and still_good(self.options.neighbours, previous.index):
                found = Found(previous.index.neighbours, recorded(previous.index))
            else:
                found = self._neighbours(vectors, previews, previous if same_vectors else None, store)
        with report.phase("extras"), self.progress("For the site", len(EXTRAS), "extras") as advance:
            paths = [scan.preview.path for scan in scanned]
            context = ExtrasContext(item_ids, vectors, found.neighbours, thumbnails, paths, previous.index)
            extras, failures = compute_extras(context, EXTRAS, advance)
        report.notes += failures.values()
        computed = [name for name in extra_names(EXTRAS) if name not in failures]
        engines = _engines(previous, store, previews)
        manifest = make_manifest(
            choice,
            self.head,
            previews,
            report.skipped,
            unreadable,
            computed,
            engines,
            self.precision,
            found.record,
            report.seconds,
            report.computed,
        )
        with report.phase("write"):
            rows = {item_id: row for row, item_id in enumerate(item_ids)}
            with storage(self.options.index.parent):
                if self.options.store == "float16":
                    vectors = vectors.astype(np.float16)
                save_index(Index(item_ids, rows, vectors, found.neighbours, manifest, extras), self.options.index)

    def _complete(self, index: Index) -> bool:
        """Whether a new index would hold nothing that `index` does not."""
        as_asked = still_good(self.options.neighbours, index)
        manifest = index.manifest
        return as_asked and manifest.get("skipped") == self.report.skipped and manifest.get("extras") == extra_names(EXTRAS)

    def _neighbours(
        self, vectors: NDArray[np.float32], previews: Mapping[str, str], previous: PreviousIndex | None, store: WorkStore
    ) -> Found:
        """All of them; for about the price of what changed, where most vectors are the previous index's."""
        options = self.options
        earlier = None
        if previous is not None and previous.index is not None:
            earlier = Earlier(previous.index, previous.previous_rows(previews, store.known))
        with self.progress("Neighbours", len(vectors), "items") as advance:
            done = 0

            def show(step: int, steps: int) -> None:
                nonlocal done
                items = step * len(vectors) // max(steps, 1)
                advance(items - done)
                done = items

            cluster = self._cluster(len(vectors))
            with storage(options.index.parent):
                return find_neighbours(vectors, options.neighbours, earlier, options.threads, show, self.log, cluster=cluster)

    def _cluster(self, n: int) -> Cluster | None:
        """The machines that compare n items, if that was asked for and is worth it."""
        if self.options.dask is None:
            return None
        from indexing.build.dask_neighbours import LEAST_ROWS, ClusterNeighbours

        return ClusterNeighbours(self.options.dask, self.options.index.parent) if n >= LEAST_ROWS else None


def _jobs(scans: Iterable[Scan], previous: PreviousIndex, store: WorkStore) -> list[Job]:
    """One job for each unknown digest, in the order of ItemIDs: equal files are embedded once.

    After a change of decoders, what is no JPEG is embedded again: transparency and deep samples depend on them.
    """
    stored = {*store.known, *store.failures}
    previous_ones = {*previous.rows, *previous.failures}
    jobs: dict[str, Job] = {}
    for scan in scans:
        known = scan.sha256 in stored or (scan.sha256 in previous_ones and (scan.is_jpeg or not previous.other_decoders))
        if scan.sha256 is not None and not known:
            jobs.setdefault(scan.sha256, Job(scan.sha256, scan.preview.path))
    return list(jobs.values())


def _reasons(scans: Sequence[Scan], failures: Mapping[str, str]) -> dict[str, str]:
    reasons = {scan.preview.item_id: scan.reason or failures.get(scan.sha256 or "") for scan in scans}
    return {item_id: reason for item_id, reason in reasons.items() if reason is not None}


def _gather(
    sha256s: Sequence[str], dim: int, head: Head | None, previous: PreviousIndex, store: WorkStore, folder: Path
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Vectors of `dim` numbers from the network, made longer by the head, and thumbnails."""
    vectors: NDArray[np.float32] = _room((len(sha256s), dim if head is None else head.dim), np.dtype(np.float32), folder)
    own = vectors[:, :dim]
    thumbnails: NDArray[np.uint8] = _room((len(sha256s), THUMBNAIL_SIDE, THUMBNAIL_SIDE, 3), np.dtype(np.uint8), folder)
    known = store.known
    stored = [(sha256, row) for row, sha256 in enumerate(sha256s) if sha256 in known]
    store.read_into([sha256 for sha256, _ in stored], [row for _, row in stored], own, thumbnails)
    for row, sha256 in enumerate(sha256s):
        if sha256 not in known:
            previous.read_into(sha256, row, own, thumbnails)
    if head is not None:
        head.fill(vectors)
    return vectors, thumbnails


def _room(shape: tuple[int, ...], dtype: np.dtype[Any], folder: Path) -> NDArray[Any]:
    """An array to be filled: in memory, or a large one in a file of `folder` that has no name and goes with the array."""
    size = math.prod(shape) * dtype.itemsize
    if size < IN_MEMORY:
        return np.empty(shape, dtype)
    with tempfile.TemporaryFile(dir=folder) as file:
        if hasattr(os, "posix_fallocate"):  # a full disk is an error here, and not a crash when the array is filled
            os.posix_fallocate(file.fileno(), 0, size)
        return np.memmap(file, dtype, "w+", shape=shape)


def _engines(previous: PreviousIndex, store: WorkStore, previews: Mapping[str, str]) -> set[str]:
    engines = set(store.engines)
    if previous.index is not None and not set(previews.values()) <= store.known:
        engines.update(str(previous.index.manifest.get("engine", "")).split("+"))
    return engines
