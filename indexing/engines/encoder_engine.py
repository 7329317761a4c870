"""The engine of an encoder in an ONNX file: OpenVINO, compared once with ONNX Runtime where that is installed."""

import json
import logging
import math
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexing.encoders.encoder import Encoder, OnnxFiles, unit
from indexing.encoders.runtimes import Model, OnnxRuntimeModel, OpenVinoModel, installed_version
from indexing.encoders.words import TextTower
from indexing.engines.base import fixed_chunks
from indexing.errors import EngineError
from indexing.parallel import cores
from indexing.weights.record import Weights
from recommender.files import atomic_write

log = logging.getLogger(__name__)
ENGINE_NAMES: Final = ("auto", "openvino")
RUNTIMES: Final = {"openvino": "OpenVINO", "onnxruntime": "ONNX Runtime"}
BATCH: Final = 8
LEAST_COSINE: Final = 0.9999
PROBE_SEED: Final = 20_000
PROBE_PICTURES: Final = 4
PROBE_WORDS: Final = ("a red summer dress", "shirt with a cat", "shoes")


class EncoderEngine:
    """Runs an encoder; see `Engine`. Its batches are (n, 3, height, width), as the encoder prepares them."""

    precision = "float32"

    def __init__(self, encoder: Encoder, model: Model, name: str, threads: int, batch_size: int) -> None:
        self._encoder, self._model = encoder, model
        self.name, self.threads, self.batch_size = name, threads, batch_size
        self.explanation = f"{RUNTIMES[name]} on {threads} threads"

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Engine.run`."""
        encoder = self._encoder
        kind = np.float16 if encoder.pixels.kind == "float16" else np.float32
        answers = []
        for chunk in fixed_chunks(batch, self.batch_size):
            outputs = self._model.run({encoder.pixels.name: np.ascontiguousarray(chunk, dtype=kind)})
            answers.append(encoder.finish(outputs))
        vectors = np.concatenate(answers)[: len(batch)]
        if vectors.shape != (len(batch), encoder.spec.dim):
            raise EngineError(f"The encoder gave vectors of {vectors.shape[1:]} numbers instead of {encoder.spec.dim}.")
        return vectors

    def run_with_features(self, batch: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """An encoder has no map of its last convolution: raises EngineError."""
        raise EngineError("An ONNX encoder has no map of features: heat maps need a network of our own.")

    def close(self) -> None:
        """Free the model."""
        del self._model


def make_encoder_engine(
    name: str, encoder: Encoder, weights: Weights, threads: int | None, cache_dir: Path, batch_size: int | None
) -> EncoderEngine:
    """The engine of an encoder, proved against ONNX Runtime if that is installed: once for each file, kept in `cache_dir`.

    Where the two differ, ONNX Runtime is used, which the log and `explanation` say. Raises EngineError.
    """
    if name not in ENGINE_NAMES:
        raise EngineError(f"An ONNX encoder is run by OpenVINO, not by {name}: leave --engine away.")
    files = weights.reader
    assert isinstance(files, OnnxFiles)
    threads, size = threads or cores(), (encoder.pixels.shape or (None,))[0] or batch_size or BATCH
    shape = (size, *encoder.prepared_shape)
    model = OpenVinoModel(files.model, encoder.output, (encoder.pixels.name,), threads, shape)
    engine = EncoderEngine(encoder, model, "openvino", threads, size)
    proof = _proof(weights.digest, cache_dir)
    if proof is None:
        engine.explanation += "; not compared with a second runtime (pip install onnxruntime does that)"
        return engine
    cosine = _kept(proof)
    if cosine is None or cosine < LEAST_COSINE:
        other = EncoderEngine(encoder, OnnxRuntimeModel(files.model, encoder.output, threads), "onnxruntime", threads, size)
        cosine = _least_cosine(engine, other, encoder) if cosine is None else cosine
        _keep(proof, cosine)
        if cosine < LEAST_COSINE:
            log.warning("OpenVINO's vectors differ from ONNX Runtime's (cosine %.5f): ONNX Runtime is used instead", cosine)
            other.explanation += f"; not OpenVINO, whose vectors differ on this machine (cosine {cosine:.5f})"
            return other
    shown = f"{math.floor(cosine * 1e7) / 1e7:.7f}"
    engine.explanation += f"; proved against ONNX Runtime on {PROBE_PICTURES} pictures: cosine ≥ {shown}"
    return engine


def make_text_model(tower: TextTower, threads: int | None, cache_dir: Path) -> Model:
    """What runs an encoder's words, proved once as its pictures are. Raises EngineError, WeightsError."""
    threads = threads or cores()
    model = OpenVinoModel(tower.model, tower.output, tuple(name for name, _ in tower.inputs), threads)
    proof = _proof(tower.digest, cache_dir)
    if proof is None:
        return model
    cosine = _kept(proof)
    if cosine is not None and cosine >= LEAST_COSINE:
        return model
    other = OnnxRuntimeModel(tower.model, tower.output, threads)
    if cosine is None:
        inputs = [tower.encode(words) for words in PROBE_WORDS]
        ours, theirs = (np.concatenate([unit(each.run(one)) for one in inputs]) for each in (model, other))
        cosine = _least(ours, theirs)
        _keep(proof, cosine)
    if cosine >= LEAST_COSINE:
        return model
    log.warning("OpenVINO's vectors of words differ from ONNX Runtime's (cosine %.5f): ONNX Runtime is used", cosine)
    return other


def _proof(digest: str, cache_dir: Path) -> Path | None:
    """Where the verdict on a file is kept, by the versions of both runtimes; None without a second one."""
    second = installed_version("onnxruntime")
    name = f"{digest[:32]}-{installed_version('openvino')}-{second}.json"
    return cache_dir / "encoders" / "proofs" / name if second is not None else None


def _least_cosine(engine: EncoderEngine, other: EncoderEngine, encoder: Encoder) -> float:
    """Between the two engines' vectors of seeded pictures, smooth and rough; 0 if one is not finite."""
    random = np.random.default_rng(PROBE_SEED)
    sizes = [3 + 29 * number for number in range(PROBE_PICTURES)]  # few pixels, enlarged, are smooth; many are rough
    batch = np.stack([encoder.prepare(random.integers(0, 256, (size, size, 3), dtype=np.uint8)) for size in sizes])
    return _least(engine.run(batch), other.run(batch))


def _least(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> float:
    """The least cosine between rows of length 1; 0 if one is not finite."""
    cosines = (ours.astype(np.float64) * theirs.astype(np.float64)).sum(axis=1)
    equal = (ours == theirs).all(axis=1)  # vectors of zeros have no cosine
    return float(np.where(equal, 1.0, cosines).min()) if np.isfinite(cosines).all() else 0.0


def _keep(proof: Path, cosine: float) -> None:
    try:
        proof.parent.mkdir(parents=True, exist_ok=True)
        with atomic_write(proof) as file:
            file.write(json.dumps({"least_cosine": cosine}).encode())
    except OSError as error:
        raise EngineError(f"{proof} cannot be written: {error.strerror}. Make room, or set CACHE_DIR.") from error


def _kept(proof: Path) -> float | None:
    try:
        value: Any = json.loads(proof.read_text())["least_cosine"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return float(value) if isinstance(value, int | float) else None
