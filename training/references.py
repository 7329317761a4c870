"""The reference's outputs for the networks that come with the product, so that a first build proves its engine at once.

python -m training.references    writes indexing/engines/references.npz; after a change of graph, weights or preprocessing
"""

from collections.abc import Iterator

import numpy as np

from indexing.engines.proof import REFERENCES, reference, reference_name
from indexing.networks.base import Network
from indexing.networks.choice import BUNDLED
from indexing.networks.registry import get_network


def bundled_networks() -> Iterator[Network]:
    """Each network with bundled weights that an engine runs by itself, stages one by one."""
    for network in map(get_network, BUNDLED):
        yield network.first if network.stages else network
        yield from (stage.network for stage in network.stages)


def main() -> None:
    """Compute and write them."""
    outputs = {}
    for network in bundled_networks():
        weights = network.load_weights("bundled")
        outputs[reference_name(network, weights.digest)] = reference(network, weights, None)
    np.savez_compressed(REFERENCES, allow_pickle=False, **outputs)


if __name__ == "__main__":
    main()
