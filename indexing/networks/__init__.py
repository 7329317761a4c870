"""The networks: which there are, and which one to take. Nothing here imports TensorFlow."""

from indexing.networks.base import Network, NetworkSpec
from indexing.networks.choice import Choice, choose_network
from indexing.networks.registry import get_network, names

__all__ = ["Choice", "Network", "NetworkSpec", "choose_network", "get_network", "names"]
