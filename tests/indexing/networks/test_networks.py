"""The networks as graphs: their shapes, their names, and VGG-16's agreement with Keras's own."""

import pickle

import numpy as np
import pytest

from indexing.errors import EngineError
from indexing.networks.graph import INPUT, Add, Conv, Dense, GlobalAveragePool, Graph, MaxPool
from indexing.networks.names import FINDING_BOXES, NETWORK_NAMES
from indexing.networks.registry import get_network, names
from indexing.networks.vgg16 import VGG16


def test_every_network_is_named_for_the_site() -> None:
    assert names() == NETWORK_NAMES
    assert tuple(name for name in names() if get_network(name).parts is not None) == FINDING_BOXES


def test_vgg16_has_the_published_shapes() -> None:
    assert (VGG16.spec.side, VGG16.spec.dim, VGG16.spec.layer) == (224, 4096, "fc2")
    table = VGG16.graph.parameters
    assert len(table) == 15
    assert table["block1_conv1"] == ((3, 3, 3, 64), (64,))
    assert table["block5_conv3"] == ((3, 3, 512, 512), (512,))
    assert table["fc1"] == ((25088, 4096), (4096,))
    assert table["fc2"] == ((4096, 4096), (4096,))
    assert VGG16.graph.shapes[VGG16.graph.features] == (14, 14, 512)
    numbers = sum(int(np.prod(kernel)) + bias[0] for kernel, bias in table.values())
    assert numbers == 138_357_544 - (4096 * 1000 + 1000)  # Keras's count, the classifier left out


def test_strides_and_uneven_pads_are_counted() -> None:
    nodes = (
        Conv("c", INPUT, 5, stride=2, pads=((0, 1), (0, 1))),
        MaxPool("p", "c", 3, 2),
        Conv("d", "p", 7, kernel=1, pads=((0, 0), (0, 0))),
        GlobalAveragePool("g", "d"),
        Dense("e", "g", 2),
    )
    graph = Graph(16, nodes, output="e", features="d")
    assert [graph.shapes[name] for name in "cpdge"] == [(8, 8, 5), (3, 3, 5), (3, 3, 7), (7,), (2,)]


def test_a_graph_whose_parts_do_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match="no source nowhere"):
        Graph(8, (Conv("a", "nowhere", 3),), output="a", features="a")
    with pytest.raises(ValueError, match="name is taken"):
        Graph(8, (Conv("a", INPUT, 3), Conv("a", INPUT, 3)), output="a", features="a")
    with pytest.raises(ValueError, match=r"adds \(8, 8, 3\) to \(8, 8, 4\)"):
        Graph(8, (Conv("a", INPUT, 3), Conv("b", "a", 4), Add("s", ("a", "b"))), output="s", features="a")
    with pytest.raises(ValueError, match="must be a vector"):
        Graph(8, (Conv("a", INPUT, 3),), output="a", features="a")


def test_names_lead_to_networks() -> None:
    assert "vgg16" in names()
    for name in names():
        assert get_network(name).spec.name == name


def test_an_unknown_network_is_named_with_those_there_are() -> None:
    with pytest.raises(EngineError, match=r"no network 'resnet'.*vgg16"):
        get_network("resnet")


@pytest.mark.parametrize("name", names())
def test_a_network_travels_to_another_process_without_its_weights(name: str) -> None:
    sent = pickle.dumps((get_network(name), get_network(name).load_weights("random", 3)))
    assert len(sent) < 20_000
    network, weights = pickle.loads(sent)
    assert network.spec == get_network(name).spec
    assert weights.digest == get_network(name).load_weights("random", 3).digest


@pytest.mark.parametrize("name", names())
def test_a_network_prepares_any_picture_for_its_graph(name: str) -> None:
    network = get_network(name)
    prepared = network.prepare(np.full((33, 77, 3), 200, dtype=np.uint8))
    assert prepared.shape == network.prepared_shape
    assert prepared.dtype == np.float32
    side = network.graph.side
    assert network.graph_rows(prepared[np.newaxis]).shape == (network.crops, side, side, 3)


@pytest.mark.parametrize("name", names())
def test_finished_vectors_have_the_promised_length(name: str) -> None:
    network = get_network(name)
    graphs = [network.graph, *(stage.network.graph for stage in network.stages)]
    units = sum(graph.shapes[graph.output][0] for graph in graphs)
    outputs = np.ones((2 * network.crops, units), dtype=np.float32)
    finished = network.finish(outputs, np.zeros((2, *network.prepared_shape), dtype=np.float32))
    assert finished.shape == (2, network.spec.dim)
    assert finished.dtype == np.float32


@pytest.mark.parametrize("name", names())
def test_blocks_fill_the_vector(name: str) -> None:
    spec = get_network(name).spec
    if spec.blocks:
        assert [block.start for block in spec.blocks] == [0, *(block.stop for block in spec.blocks[:-1])]
        assert spec.blocks[-1].stop == spec.dim
        assert sum(block.weight**2 for block in spec.blocks) == pytest.approx(1)
