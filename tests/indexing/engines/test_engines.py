"""Every engine gives the reference's numbers, whatever shares the batch; the reference gives those of plain arithmetic."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from indexing.engines import FullEngine, make_engine, proof
from indexing.engines.base import fixed_chunks
from indexing.engines.tensorflow_engine import TensorFlowEngine
from indexing.networks.base import Network, unchanged
from indexing.networks.compact import COMPACT
from indexing.networks.graph import (
    Add,
    Concat,
    Conv,
    Dense,
    DepthwiseConv,
    Flatten,
    GlobalAveragePool,
    GlobalPowerPool,
    Graph,
    MaxPool,
    Upsample,
    activation,
)
from indexing.weights.record import Layer, Weights
from tests.indexing.engines.memory_weights import MemoryReader
from tests.indexing.small_networks import MOBILE, RESIDUAL, SMALL_VGG, arrays, cosines, pictures

NETWORKS = {"vgg": SMALL_VGG, "residual": RESIDUAL, "mobile": MOBILE}


def held(network: Network) -> Weights:
    layers = arrays(network.graph)
    return Weights("file", network.spec.name * 8, trained=True, source="memory", reader=MemoryReader(layers))


def plain(graph: Graph, layers: dict[str, Layer], picture: NDArray[np.float32]) -> dict[str, NDArray[np.float64]]:
    """The graph computed by its definition, one picture, in float64: loops over the window, nothing clever."""
    values: dict[str, NDArray[np.float64]] = {"input": picture.astype(np.float64)}
    for node in graph.nodes:
        match node:
            case Conv() | DepthwiseConv():
                padded = np.pad(values[node.source], (*node.pads, (0, 0)))
                height, width, _ = graph.shapes[node.name]
                value = np.tile(layers[node.name].bias.astype(np.float64), (height, width, 1))
                for i in range(node.kernel):
                    for j in range(node.kernel):
                        rows, columns = (
                            slice(at, at + (n - 1) * node.stride + 1, node.stride) for at, n in ((i, height), (j, width))
                        )
                        kernel = layers[node.name].kernel[i, j]
                        seen = padded[rows, columns]
                        value += seen * kernel[:, 0] if isinstance(node, DepthwiseConv) else seen @ kernel
            case Dense():
                value = values[node.source] @ layers[node.name].kernel + layers[node.name].bias
            case MaxPool():
                height, width, _ = graph.shapes[node.name]
                at = range(node.size)
                cut = values[node.source]
                value = np.max([cut[i : i + 2 * height : 2, j : j + 2 * width : 2] for i in at for j in at], axis=0)
            case Add():
                value = values[node.sources[0]] + values[node.sources[1]]
            case GlobalAveragePool():
                value = values[node.source].mean(axis=(0, 1))
            case GlobalPowerPool():
                value = np.cbrt((values[node.source] ** 3).mean(axis=(0, 1)))
            case Upsample():
                value = values[node.source].repeat(2, axis=0).repeat(2, axis=1)
            case Flatten():
                value = values[node.source].reshape(-1)
            case Concat():
                value = np.concatenate([values[name] for name in node.sources])
        lowest, highest = {"linear": (-np.inf, np.inf), "relu": (0, np.inf), "relu6": (0, 6)}[activation(node)]
        values[node.name] = np.clip(value, lowest, highest)
    return values


@pytest.fixture(scope="module", params=["vgg", "residual", "mobile"])
def network(request: pytest.FixtureRequest) -> Network:
    return NETWORKS[request.param]


@pytest.fixture(scope="module", params=["tensorflow", "mnn", "openvino"])
def engine(request: pytest.FixtureRequest, network: Network, tmp_path_factory: pytest.TempPathFactory) -> FullEngine:
    with pytest.MonkeyPatch.context() as patch:
        # The reference runs here, where TensorFlow is loaded already: a process of its own would only be slow.
        patch.setattr(proof, "in_child", lambda function, *args: function(*args))
        return make_engine(request.param, network, held(network), 2, tmp_path_factory.mktemp("cache"))


def test_the_engine_is_the_one_asked_for(engine: FullEngine, request: pytest.FixtureRequest) -> None:
    assert engine.name == request.node.callspec.params["engine"]
    assert engine.threads == 2


def test_vectors_and_maps_are_those_of_the_definition(engine: FullEngine, network: Network) -> None:
    batch = pictures(2)
    vectors, maps = engine.run_with_features(batch)
    for row in range(2):
        values = plain(network.graph, arrays(network.graph), batch[row])
        expected = network.finish(values[network.graph.output][np.newaxis].astype(np.float32), batch[row : row + 1])[0]
        np.testing.assert_allclose(vectors[row], expected, rtol=1e-3, atol=1e-3 * np.abs(expected).max())
        expected_map = values[network.graph.features]
        np.testing.assert_allclose(maps[row], expected_map, rtol=1e-3, atol=1e-3 * np.abs(expected_map).max())


def test_run_gives_the_vectors_alone(engine: FullEngine, network: Network) -> None:
    batch = pictures(3)
    vectors = engine.run(batch)
    assert vectors.shape == (3, network.spec.dim)
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors, engine.run_with_features(batch)[0])


@pytest.mark.parametrize("count", [1, 15, 16, 17, 40])
def test_any_number_of_pictures_is_taken(engine: FullEngine, count: int) -> None:
    batch = pictures(40)
    np.testing.assert_array_equal(engine.run(batch[:count]), engine.run(batch)[:count])


def test_a_vector_does_not_depend_on_what_shares_its_batch(engine: FullEngine) -> None:
    batch, others = pictures(16), pictures(16, seed=6)
    others[3] = batch[3]
    np.testing.assert_array_equal(engine.run(others)[3], engine.run(batch)[3])


def test_a_vector_hardly_depends_on_its_place(engine: FullEngine) -> None:
    batch = pictures(16)
    turned = engine.run(batch[::-1].copy())[::-1]
    assert cosines(engine.run(batch), turned).min() > 0.999999


def test_the_same_batch_gives_the_same_bytes_again(engine: FullEngine) -> None:
    batch = pictures(16)
    assert engine.run(batch).tobytes() == engine.run(batch).tobytes()


def test_a_strided_view_is_taken_as_it_looks(engine: FullEngine) -> None:
    wide = np.repeat(pictures(4), 2, axis=2)
    np.testing.assert_array_equal(engine.run(wide[:, :, ::2]), engine.run(pictures(4)))


@pytest.mark.parametrize("name", ["mnn", "openvino"])
def test_the_compact_network_is_the_same_for_both_engines(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "in_child", lambda function, *args: function(*args))
    weights = COMPACT.load_weights("random", 1)
    fast, reference = (make_engine(one, COMPACT, weights, 2, tmp_path) for one in (name, "tensorflow"))
    assert (fast.name, reference.name) == (name, "tensorflow")
    batch = np.stack(
        [COMPACT.prepare(np.random.default_rng(n).integers(0, 256, (50, 40, 3), dtype=np.uint8)) for n in range(3)]
    )
    (vectors, maps), (expected, expected_maps) = fast.run_with_features(batch), reference.run_with_features(batch)
    assert vectors.shape == (3, COMPACT.spec.dim)
    assert cosines(vectors, expected).min() > 0.99999
    assert maps.shape == expected_maps.shape == (3, *COMPACT.graph.shapes[COMPACT.graph.features])
    assert cosines(maps.reshape(3, -1), expected_maps.reshape(3, -1)).min() > 0.99999


def mean_of_crops(outputs: NDArray[np.float32], batch: NDArray[np.float32]) -> NDArray[np.float32]:
    assert len(outputs) == 2 * len(batch)
    return np.asarray(outputs.reshape(len(batch), 2, -1).mean(axis=1), dtype=np.float32)


@pytest.mark.parametrize("name", ["tensorflow", "mnn", "openvino"])
@pytest.mark.parametrize("count", [1, 9])
def test_a_network_of_two_looks_reads_both_and_maps_the_first(
    name: str, count: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proof, "in_child", lambda function, *args: function(*args))
    one = replace(RESIDUAL, finish=unchanged)
    two = replace(RESIDUAL, finish=mean_of_crops, crops=2)
    first, second = pictures(count), pictures(count, seed=6)
    monkeypatch.setattr(proof, "probe", lambda network: np.concatenate([first[:1]] * network.crops, axis=1))
    apart, together = (make_engine(name, network, held(network), 2, tmp_path) for network in (one, two))
    vectors, maps = together.run_with_features(np.concatenate([first, second], axis=1))
    np.testing.assert_allclose(
        vectors, (apart.run(first) + apart.run(second)) / 2, rtol=1e-4, atol=1e-4 * np.abs(vectors).max()
    )
    np.testing.assert_allclose(maps, apart.run_with_features(first)[1], rtol=1e-4, atol=1e-4 * np.abs(maps).max())
    np.testing.assert_array_equal(vectors, together.run(np.concatenate([first, second], axis=1)))


def test_chunks_are_whole_and_filled_with_zeros() -> None:
    first, last = fixed_chunks(np.arange(1, 4, dtype=np.float32), 2)
    assert (first.tolist(), last.tolist()) == ([1, 2], [3, 0])


def test_half_precision_stays_near_the_reference(tmp_path: Path) -> None:
    exact = make_engine("tensorflow", SMALL_VGG, held(SMALL_VGG), 2, tmp_path)
    half = TensorFlowEngine(SMALL_VGG, held(SMALL_VGG), 2, half_precision=True)
    batch = (pictures(2) / 50).astype(np.float32)  # float16 ends at 65,504, and these weights' biases keep growing
    assert cosines(exact.run(batch), half.run(batch)).min() > 0.999
    assert half.run(batch).dtype == np.float32
