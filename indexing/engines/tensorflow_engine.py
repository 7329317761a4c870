"""The reference: Keras on TensorFlow, and the way on GPUs. Importing TensorFlow takes seconds, so it happens on first use."""

import logging
import os
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from indexing.engines.base import fixed_chunks
from indexing.engines.native_output import suppress_native_output
from indexing.errors import EngineError
from indexing.networks.base import Network
from indexing.networks.keras_model import keras_model
from indexing.parallel import cores
from indexing.weights.record import Weights

log = logging.getLogger(__name__)
CPU_BATCH: Final = 8  # as fast as 16 on two cores, the same bytes, and a quarter of a gigabyte less
GPU_BATCH: Final = 256
GPU_DEVICES: Final = ("/dev/nvidia0", "/dev/dxg")  # Linux; Windows' Linux


class TensorFlowEngine:
    """Runs a network with TensorFlow; on a GPU compiled by XLA. Keras's own numbers, without `predict`'s overhead."""

    name = "tensorflow"

    def __init__(
        self,
        network: Network,
        weights: Weights,
        threads: int | None = None,
        batch_size: int | None = None,
        half_precision: bool = False,
    ) -> None:
        """Raises EngineError when TensorFlow cannot be imported, WeightsError when the weights cannot be read.

        `half_precision` computes in float16 (GPU only; cosine to the reference about 0.9999) and is never chosen by itself.
        """
        tf = import_tensorflow(threads)
        gpus = tf.config.list_physical_devices("GPU")
        self.threads = threads or cores()
        self.precision = "float16" if half_precision else "float32"
        self.batch_size = batch_size or (GPU_BATCH if gpus else CPU_BATCH)
        self.device = str(tf.config.experimental.get_device_details(gpus[0]).get("device_name", "GPU")) if gpus else "CPU"
        self.explanation = (
            f"TensorFlow on {self.device}, {self.threads} threads" if not gpus else f"TensorFlow on {self.device}"
        )
        self._network = network
        model = keras_model(network.graph, weights, "mixed_float16" if half_precision else "float32")
        side = network.graph.side
        signature = [tf.TensorSpec((self.batch_size, side, side, 3), tf.float32)]

        def forward(batch: Any) -> Any:
            vectors, features = model(batch, training=False)
            return tf.cast(vectors, tf.float32), tf.cast(features, tf.float32)

        self._forward: Any = tf.function(forward, input_signature=signature, jit_compile=bool(gpus))
        self._vectors_only: Any = tf.function(
            lambda batch: forward(batch)[0], input_signature=signature, jit_compile=bool(gpus)
        )

    def run(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """See `Engine.run`. On a GPU every chunk is queued before the first answer is waited for."""
        rows = self._network.graph_rows(batch)
        answers = [self._vectors_only(chunk) for chunk in fixed_chunks(rows, self.batch_size)]
        outputs = np.concatenate([answer.numpy() for answer in answers])[: len(rows)]
        return self._network.finish(outputs, batch)

    def run_with_features(self, batch: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """See `FullEngine.run_with_features`."""
        rows = self._network.graph_rows(batch)
        answers = [self._forward(chunk) for chunk in fixed_chunks(rows, self.batch_size)]
        outputs = np.concatenate([vectors.numpy() for vectors, _ in answers])[: len(rows)]
        features = np.concatenate([maps.numpy() for _, maps in answers])[: len(rows)]
        return self._network.finish(outputs, batch), np.ascontiguousarray(features[:: self._network.crops])

    def close(self) -> None:
        """Drop the model; TensorFlow itself stays loaded for the rest of the process."""
        self._forward = self._vectors_only = None


def import_tensorflow(threads: int | None = None) -> Any:
    """TensorFlow, its thread counts set while they still can be, GPU memory taken as needed. Raises EngineError."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    try:
        with suppress_native_output():
            import tensorflow as tf
    except ImportError as error:
        raise EngineError(f"TensorFlow is not usable here ({error}): install requirements.txt, or use --engine mnn.") from error
    try:
        if threads:
            tf.config.threading.set_intra_op_parallelism_threads(threads)
            tf.config.threading.set_inter_op_parallelism_threads(1)
        with suppress_native_output():  # looking for a GPU where there is none is reported as an error
            for gpu in tf.config.list_physical_devices("GPU"):
                tf.config.experimental.set_memory_growth(gpu, True)
    except (RuntimeError, ValueError):  # already running with other settings: an earlier engine of this process
        log.debug("TensorFlow was already initialised: its thread count stays as it was")
    return tf


def usable_gpu() -> bool:
    """Whether TensorFlow can use a GPU. It is imported to ask only where a device is there at all."""
    if os.environ.get("CUDA_VISIBLE_DEVICES", "all").strip() in ("", "-1"):
        return False
    if not any(Path(device).exists() for device in GPU_DEVICES):
        return False
    if import_tensorflow().config.list_physical_devices("GPU"):
        return True
    log.warning("There is a GPU here that TensorFlow cannot use: pip install 'tensorflow[and-cuda]' to index with it")
    return False
