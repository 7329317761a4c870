"""Pictures a second of each engine and precision, VGG-16 to fc2 with the same seeded weights, beside Keras `predict` and ONNX
Runtime.

Every engine has a process to itself, so that no pool of threads idles in another's way; they take turns. Each turn measures
several calls: Keras's `predict` takes one of two times from call to call (see the README); one call would be a throw of dice.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from benchmarks.harness.command import main
from benchmarks.harness.measuring import Measured, Ratio, Result, seconds
from indexing.engines import make_engine
from indexing.engines.processor import usable_precisions
from indexing.networks.base import Network
from indexing.networks.registry import get_network
from indexing.weights.record import Weights

BATCH: Final = 16
CALLS: Final = 4  # measured in each turn
SEED: Final = 1
Batch = NDArray[np.float32]
Run = Callable[[Batch], Any]

KERAS, ORT = "Keras predict", "ONNX Runtime"
OURS: Final = {
    "ours, mnn": ("mnn", "float32"),
    "ours, openvino": ("openvino", "float32"),
    "ours, openvino, bfloat16": ("openvino", "bfloat16"),
    "ours, tensorflow": ("tensorflow", "float32"),
}
BFLOAT16: Final = "ours, openvino, bfloat16"
COMPACT: Final = "ours, mnn, compact network"


def measure(quick: bool) -> Result:
    pictures, rounds = (16, 1) if quick else (48, 3)
    result = Result(
        "engines",
        "Pictures a second",
        f"VGG-16 to fc2, float32, {pictures} pictures in batches of {BATCH}, {rounds} turns of {CALLS} calls",
    )
    runs: dict[str, list[float]] = {}
    vectors: dict[str, list[float]] = {}
    ours = [name for name, (_, precision) in OURS.items() if precision in usable_precisions()]
    with tempfile.TemporaryDirectory() as scratch:
        for _ in range(rounds):
            for name in (KERAS, ORT, *ours, COMPACT):
                answer = _in_child(name, pictures, Path(scratch))
                if "error" in answer:
                    result.notes.append(f"{name}: {answer['error']}")
                    continue
                runs.setdefault(name, []).extend(answer["rates"])
                vectors[name] = answer["vector"]
    result.measured = {name: Measured(tuple(rates), "pictures/s") for name, rates in runs.items()}
    own = result.measured["ours, mnn"].median
    for name, wanted in ((KERAS, 3.0), (ORT, 2.0), ("ours, tensorflow", None), ("ours, openvino", None)):
        if name in result.measured:
            result.ratios[f"ours, mnn / {name}"] = Ratio(own / result.measured[name].median, wanted)
    if BFLOAT16 in result.measured:
        fastest = result.measured[BFLOAT16].median
        result.ratios[f"{BFLOAT16} / ours, mnn"] = Ratio(fastest / own, 4.0)
        result.ratios[f"{BFLOAT16} / {KERAS}"] = Ratio(fastest / result.measured[KERAS].median, 8.0)
    else:
        result.notes.append("This processor has no units for bfloat16 (amx_bf16, avx512_bf16).")
    if KERAS in result.measured:
        calls = result.measured[KERAS].runs
        result.notes.append(f"{KERAS}, from call to call: {min(calls):.2f} to {max(calls):.2f} pictures/s.")
    for name in ours:
        if name in vectors and KERAS in vectors:
            result.notes.append(f"Cosine to Keras's vector, {name}: {_cosine(vectors[name], vectors[KERAS]):.8f}.")
    return result


def _cosine(a: list[float], b: list[float]) -> float:
    first, second = np.array(a), np.array(b)
    return float(first @ second / np.linalg.norm(first) / np.linalg.norm(second))


def _in_child(name: str, pictures: int, scratch: Path) -> dict[str, Any]:
    answer = scratch / "answer.json"
    answer.unlink(missing_ok=True)
    command = [sys.executable, "-m", "benchmarks.engines", "--child", name, str(pictures), str(scratch)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if done.returncode or not answer.exists():
        return {"error": (done.stderr.strip().splitlines() or ["it gave no answer"])[-1]}
    found: dict[str, Any] = json.loads(answer.read_text())
    return found


def _child(name: str, pictures: int, scratch: Path) -> None:
    network = get_network("compact" if name == COMPACT else "vgg16")
    weights = network.load_weights("bundled" if name == COMPACT else "random", SEED)
    batch = np.random.default_rng(0).uniform(-120, 130, (pictures, *network.prepared_shape)).astype(np.float32)
    run = _runner(name, network, weights, scratch)
    vector = np.asarray(run(batch[:BATCH]))[0]
    rates = [pictures / seconds(lambda: run(batch)) for _ in range(CALLS)]
    (scratch / "answer.json").write_text(json.dumps({"rates": rates, "vector": vector.tolist()}))


def _runner(name: str, network: Network, weights: Weights, scratch: Path) -> Run:
    if name == KERAS:
        return keras_predict(network, weights)
    if name == ORT:
        return _onnx_runtime(network, weights, scratch)
    cores = len(os.sched_getaffinity(0))
    engine_name, precision = ("mnn", "float32") if name == COMPACT else OURS[name]
    engine = make_engine(engine_name, network, weights, cores, scratch / "cache", BATCH, precision)
    return engine.run


def keras_predict(network: Network, weights: Weights, batch_size: int = BATCH) -> Run:
    """The article's way: Keras's model, its `predict`."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    import keras

    from indexing.networks.keras_model import keras_model

    whole = keras_model(network.graph, weights)
    model = keras.Model(whole.input, whole.outputs[0])
    return lambda batch: model.predict(batch, batch_size=batch_size, verbose=0)


def _onnx_runtime(network: Network, weights: Weights, scratch: Path) -> Run:
    import onnxruntime

    from indexing.networks.onnx_model import VECTOR, write_onnx

    path = scratch / "network.onnx"
    if not path.exists():
        write_onnx(network.graph, weights, path)
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name

    def run(batch: Batch) -> Batch:
        turned = np.ascontiguousarray(batch.transpose(0, 3, 1, 2))
        return np.concatenate(
            [session.run([VECTOR], {name: turned[first : first + BATCH]})[0] for first in range(0, len(turned), BATCH)]
        )

    return run


if __name__ == "__main__":
    if sys.argv[1:2] == ["--child"]:
        _child(sys.argv[2], int(sys.argv[3]), Path(sys.argv[4]))
    else:
        main(measure, __doc__ or "")
