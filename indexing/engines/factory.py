"""Which engine runs a network, in which precision, and the proof that it gives the reference's numbers."""

import json
import logging
import math
import shutil
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

from indexing.encoders.encoder import Encoder
from indexing.engines import proof
from indexing.engines.base import FullEngine
from indexing.engines.child import in_child
from indexing.engines.encoder_engine import make_encoder_engine
from indexing.engines.model_cache import CONTENTS, FORMATS, converted, is_whole, model_folder, model_stem, read_json
from indexing.engines.processor import PRECISIONS, Precision, usable_precisions
from indexing.engines.staged import StagedEngine, split_precision
from indexing.engines.tensorflow_engine import TensorFlowEngine, usable_gpu
from indexing.engines.trial import (
    Candidate,
    Trial,
    described,
    fastest,
    open_engine,
    record_trials,
    recorded_trials,
    try_out,
)
from indexing.errors import EngineError
from indexing.networks.base import Network
from indexing.weights.record import Weights
from indexing.weights.sources import bundled_digest
from recommender.files import atomic_write

log = logging.getLogger(__name__)
ENGINES: Final = ("auto", "tensorflow", *FORMATS)
PRECISION_CHOICES: Final = ("auto", *PRECISIONS)
_PRECISIONS_OF: Final[dict[str, tuple[Precision, ...]]] = {"mnn": ("float32",), "openvino": PRECISIONS}


class _Case(NamedTuple):
    """What an engine is wanted for."""

    network: Network
    weights: Weights
    threads: int | None
    cache_dir: Path
    batch_size: int | None


def make_engine(
    name: str,
    network: Network | Encoder,
    weights: Weights,
    threads: int | None,
    cache_dir: Path,
    batch_size: int | None = None,
    precision: str = "float32",
    half_precision: bool = False,
) -> FullEngine:
    """The engine of that name; `auto` takes TensorFlow where there is a GPU, else the fastest here of those installed.

    threads: None takes every core; cache_dir: converted models are kept there; batch_size: None takes the engine's best;
    precision: `float32`, `bfloat16` (where the proof holds, else float32) or `auto`, the fastest that passes the proof; of a
    network of stages also one for each, as `StagedEngine.precision` gives it; half_precision: float16 on a GPU, see
    `TensorFlowEngine`. An engine whose numbers are not the reference's is replaced by TensorFlow. What was taken and why is in
    the engine's `explanation`; what is worse than hoped for is logged, too.
    Raises EngineError for an unknown or missing engine or precision, WeightsError for weights that cannot be read.
    """
    if name not in ENGINES:
        raise EngineError(f"There is no engine {name!r}: choose one of {', '.join(ENGINES)}.")
    if isinstance(network, Encoder):
        if precision not in ("auto", "float32"):
            raise EngineError(f"An ONNX encoder is run in float32, not in {precision}: leave --precision away.")
        return make_encoder_engine(name, network, weights, threads, cache_dir, batch_size)
    if network.stages:
        others = [(stage.network, stage.network.load_weights(stage.network.default_weights)) for stage in network.stages]
        each = list(zip([(network.first, weights), *others], split_precision(precision, 1 + len(others)), strict=True))
        return StagedEngine(
            network, [make_engine(name, *one, threads, cache_dir, batch_size, own, half_precision) for one, own in each]
        )
    if precision not in PRECISION_CHOICES:
        raise EngineError(f"There is no precision {precision!r}: choose one of {', '.join(PRECISION_CHOICES)}.")
    if name == "auto" and (not _installed() or (precision != "bfloat16" and usable_gpu())):
        name = "tensorflow"
    if name == "tensorflow":
        if precision == "bfloat16":
            raise EngineError("TensorFlow is not run in bfloat16: use --engine openvino, or --precision float32.")
        return TensorFlowEngine(network, weights, threads, batch_size, half_precision)
    if half_precision:
        raise EngineError("Half precision is for TensorFlow on a GPU: use --engine tensorflow, or leave it away.")
    return _proved(candidates(name, precision), _Case(network, weights, threads, cache_dir, batch_size))


def candidates(name: str, precision: str, description: str | None = None) -> list[list[Candidate]]:
    """What may run a network, in order of preference: the fastest of the first list is taken if any in it passes the proof.

    description: of the processor, as in `usable_precisions`. Raises EngineError where nothing may.
    """
    if name != "auto" and name not in _installed():
        raise EngineError(f"The engine {name} is not installed: install requirements.txt, or use --engine tensorflow.")
    usable = usable_precisions(description)
    engines = _installed() if name == "auto" else [name]
    every = [Candidate(engine, one) for engine in engines for one in _PRECISIONS_OF[engine] if one in usable]
    if precision == "auto":
        return [every]
    exact = [candidate for candidate in every if candidate.precision == "float32"]
    if precision == "float32":
        return [exact]
    asked = [candidate for candidate in every if candidate.precision == precision]
    if not asked:
        lacking = "this processor has no units for it (amx_bf16, avx512_bf16)"
        why = lacking if precision not in usable else f"{' and '.join(engines)} cannot"
        raise EngineError(f"Nothing here computes in {precision}: {why}. Use --precision float32 or auto.")
    return [asked, exact]


def _installed() -> list[str]:
    return [name for name, kind in FORMATS.items() if find_spec(kind.module) is not None]


def cached_engine(
    network: Network,
    digest: str,
    cache_dir: Path,
    threads: int | None = None,
    batch_size: int | None = None,
    precision: str = "float32",
) -> FullEngine | None:
    """The fast engine from the cache alone, if it was converted and proved before; needs neither weights nor TensorFlow.

    precision: what is preferred; float32 does where that is not to be had.
    """
    if network.stages:
        others = [(stage.network, bundled_digest(stage.network.spec.name)) for stage in network.stages]
        each = zip([(network.first, digest), *others], split_precision(precision, 1 + len(others)), strict=True)
        engines = [cached_engine(*one, cache_dir, threads, batch_size, own) for one, own in each]
        ready = [engine for engine in engines if engine is not None]
        return StagedEngine(network, ready) if len(ready) == len(engines) else None
    known = recorded_trials(_trials_path(network, digest, cache_dir))
    for one in [*(usable for usable in usable_precisions() if usable == precision != "float32"), "float32"]:
        group = [Candidate(name, one) for name in _installed() if one in _PRECISIONS_OF[name]]
        best = fastest({candidate: trial for candidate, trial in known.items() if candidate in group})
        for candidate in sorted(group, key=lambda candidate: candidate != best):
            folder = model_folder(network, digest, cache_dir, FORMATS[candidate.engine])
            if read_json(folder / _proof_name(candidate)) is not None and is_whole(folder):
                return open_engine(candidate, network, folder, threads, batch_size)
    return None


def is_cached(network: Network, digest: str, cache_dir: Path) -> bool:
    """Whether a build has left this network there, converted and proved, for some engine; its files are not checked."""
    others = [(stage.network, bundled_digest(stage.network.spec.name)) for stage in network.stages]
    return all(
        any((model_folder(one, of, cache_dir, kind) / CONTENTS).is_file() for kind in FORMATS.values())
        for one, of in [(network.first, digest), *others]
    )


def _proved(preferred: list[list[Candidate]], case: _Case) -> FullEngine:
    failed: dict[Candidate, float] = {}
    for group in preferred:
        before = dict(failed)
        engine = _only_one(group[0], case, failed) if len(group) == 1 else _fastest(group, case, failed)
        if engine is not None:
            engine.explanation += _differing(before)
            return engine
    log.warning("TensorFlow is used instead, which is slower%s", _differing(failed))
    instead = TensorFlowEngine(case.network, case.weights, case.threads, case.batch_size)
    instead.explanation += _differing(failed)
    return instead


def _differing(failed: dict[Candidate, float]) -> str:
    return "".join(
        f"; not {candidate}, whose vectors differ on this machine (cosine {cosine:.5f})" for candidate, cosine in failed.items()
    )


def _only_one(candidate: Candidate, case: _Case, failed: dict[Candidate, float]) -> FullEngine | None:
    """The engine, proved; None if its numbers are others, which is then in `failed`."""
    kind = FORMATS[candidate.engine]
    folder = converted(case.network, case.weights, case.cache_dir, kind)
    found = read_json(folder / _proof_name(candidate))
    # Before the engine is opened: the child's weights and the engine's own must not be in memory together.
    expected = proof.expected_outputs(case.network, case.weights, case.threads) if found is None else None
    engine = open_engine(candidate, case.network, folder, case.threads, case.batch_size)
    if expected is not None:
        cosine = proof.least_cosine(engine.outputs(proof.probe(case.network)), expected)
        if not cosine >= proof.LEAST_COSINE:
            engine.close()
            failed[candidate] = cosine
            return None
        found = _keep_proof(folder, candidate, cosine)
    assert found is not None
    engine.explanation += f"; {_proved_words(found['least_cosine'])}"
    return engine


def _fastest(group: list[Candidate], case: _Case, failed: dict[Candidate, float]) -> FullEngine | None:
    """The fastest engine that is proved; None if there is none. A trial decides, whose outcome is kept."""
    path = _trials_path(case.network, case.weights.digest, case.cache_dir)
    known = recorded_trials(path)
    trials = {candidate: known[candidate] for candidate in group if candidate in known}
    if len(trials) < len(group):
        trials = _try(group, case)
        record_trials(path, known | trials)
    failed.update({candidate: trial.cosine for candidate, trial in trials.items() if not trial.passed})
    chosen = fastest(trials)
    if chosen is None:
        return None
    kind = FORMATS[chosen.engine]
    folder = converted(case.network, case.weights, case.cache_dir, kind)
    _keep_proof(folder, chosen, trials[chosen].cosine)
    engine = open_engine(chosen, case.network, folder, case.threads, case.batch_size)
    engine.explanation += f"; {_proved_words(trials[chosen].cosine)}; {described(chosen, trials)}"
    return engine


def _try(group: list[Candidate], case: _Case) -> dict[Candidate, Trial]:
    kinds = {candidate: FORMATS[candidate.engine] for candidate in group}
    folders = {one: converted(case.network, case.weights, case.cache_dir, kind) for one, kind in kinds.items()}
    expected = proof.expected_outputs(case.network, case.weights, case.threads)
    trials: dict[Candidate, Trial] = {}
    for candidate, answer in in_child(try_out, case.network, folders, case.threads).items():
        if isinstance(answer, str):
            log.warning("%s is left out: %s", candidate, answer)
            trials[candidate] = Trial(math.nan, 0.0)
        else:
            trials[candidate] = Trial(proof.least_cosine(answer[0], expected), answer[1])
    chosen = fastest(trials)
    for folder in set(folders.values()):  # half a gigabyte each, for VGG-16
        if chosen is not None and folder != folders[chosen]:
            shutil.rmtree(folder, ignore_errors=True)
    return trials


def _keep_proof(folder: Path, candidate: Candidate, cosine: float) -> dict[str, object]:
    found = {"least_cosine": cosine, "pictures": proof.PROBE_PICTURES, "reference": "tensorflow"}
    with atomic_write(folder / _proof_name(candidate)) as file:
        file.write(json.dumps(found).encode())
    return found


def _proof_name(candidate: Candidate) -> str:
    return "proof.json" if candidate.precision == "float32" else f"proof-{candidate.precision}.json"


def _trials_path(network: Network, digest: str, cache_dir: Path) -> Path:
    stem = model_stem(network, digest, cache_dir)
    return stem.with_name(f"{stem.name}-trials.json")


def _proved_words(cosine: float) -> str:
    return f"proved against TensorFlow on {proof.PROBE_PICTURES} pictures: cosine ≥ {proof.rounded_down(cosine)}"
