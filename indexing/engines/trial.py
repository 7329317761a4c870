"""Which of several engines is the fastest here: each is tried for a moment, once, and what was found is kept in the cache."""

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from indexing.engines import proof
from indexing.engines.mnn_engine import MnnEngine
from indexing.engines.model_cache import FORMATS, installed_version, read_json
from indexing.engines.openvino_engine import OpenVinoEngine
from indexing.engines.processor import Precision, processor_name
from indexing.errors import EngineError
from indexing.networks.base import Network
from recommender.files import atomic_write

TITLES: Final = {"mnn": "MNN", "openvino": "OpenVINO"}
WARM_UPS: Final = 2  # OpenVINO's first batches are slow
FEWEST_RUNS: Final = 3
SECONDS: Final = 0.15  # of each candidate, at least
# Where two are nearly equal, noise must not decide: another choice gives other last bits. MNN needs less memory, too.
MARGIN: Final = 1.1


class Candidate(NamedTuple):
    """An engine and the precision that it would compute in."""

    engine: str
    precision: Precision

    def __str__(self) -> str:
        return TITLES[self.engine] + ("" if self.precision == "float32" else f" in {self.precision}")


class Trial(NamedTuple):
    """cosine: the least one to the reference, NaN if it gave no numbers; rate: pictures a second."""

    cosine: float
    rate: float

    @property
    def passed(self) -> bool:
        return self.cosine >= proof.LEAST_COSINE


def open_engine(
    candidate: Candidate, network: Network, folder: Path, threads: int | None, batch_size: int | None
) -> MnnEngine | OpenVinoEngine:
    """The candidate with its converted network. Raises EngineError."""
    if candidate.engine == "mnn":
        return MnnEngine(network, folder, threads, batch_size)
    return OpenVinoEngine(network, folder, threads, batch_size, candidate.precision)


def try_out(
    network: Network, folders: Mapping[Candidate, Path], threads: int | None
) -> dict[Candidate, tuple[NDArray[np.float32], float] | str]:
    """The probe's outputs by each candidate and its pictures a second, or why it cannot be opened. Best run in a child: the
    weights of all of them pass through its memory, one after another.
    """
    pictures = proof.probe(network)
    found: dict[Candidate, tuple[NDArray[np.float32], float] | str] = {}
    for candidate, folder in folders.items():
        try:
            engine = open_engine(candidate, network, folder, threads, proof.PROBE_PICTURES)
            found[candidate] = engine.outputs(pictures), _rate(engine, pictures)
            engine.close()
        except EngineError as error:
            found[candidate] = str(error)
    return found


def _rate(engine: MnnEngine | OpenVinoEngine, pictures: NDArray[np.float32]) -> float:
    """Pictures a second with its threads' cores to itself, from the processor's time in the cheapest run.

    The clock on the wall would measure what else runs on a busy machine, and choose by chance.
    """
    for _ in range(WARM_UPS - 1):  # once it has run already
        engine.outputs(pictures)
    cheapest, runs, began = np.inf, 0, time.perf_counter()
    while runs < FEWEST_RUNS or time.perf_counter() - began < SECONDS:
        started = time.process_time()
        engine.outputs(pictures)
        cheapest, runs = min(cheapest, time.process_time() - started), runs + 1
    return engine.threads * len(pictures) / max(float(cheapest), 1e-6)


def fastest(trials: Mapping[Candidate, Trial]) -> Candidate | None:
    """Of those that passed; MNN unless another is faster by MARGIN."""
    passed = {candidate: trial.rate for candidate, trial in trials.items() if trial.passed}
    if not passed:
        return None
    best = max(passed, key=lambda candidate: passed[candidate])
    usual = Candidate("mnn", "float32")
    return usual if usual in passed and passed[best] < MARGIN * passed[usual] else best


def recorded_trials(path: Path) -> dict[Candidate, Trial]:
    """What was found on this processor with the engines that are installed now; empty if nothing was."""
    record = read_json(path)
    if record is None or record.get("made_by") != _made_by():
        return {}
    trials: dict[Candidate, Trial] = {}
    for one in record.get("trials", []):
        trials[Candidate(one["engine"], one["precision"])] = Trial(one["cosine"], one["rate"])
    return trials


def record_trials(path: Path, trials: Mapping[Candidate, Trial]) -> None:
    """Keep what was found. Raises OSError."""
    rows = [{**candidate._asdict(), **trial._asdict()} for candidate, trial in trials.items()]
    with atomic_write(path) as file:
        file.write(json.dumps({"made_by": _made_by(), "trials": rows}, indent=1).encode())


def _made_by() -> dict[str, Any]:
    return {"processor": processor_name(), **{name: installed_version(kind.package) for name, kind in FORMATS.items()}}


def described(chosen: Candidate, trials: Mapping[Candidate, Trial]) -> str:
    """For people: how fast the chosen one was, and each other one, or why that was left."""
    others: Sequence[str] = [
        f"{candidate} {trial.rate:.3g}" if trial.passed else f"{candidate} gave other numbers (cosine {trial.cosine:.5f})"
        for candidate, trial in trials.items()
        if candidate != chosen
    ]
    beside = f" ({', '.join(others)})" if others else ""
    return f"{trials[chosen].rate:.3g} pictures a second in a trial here{beside}"
