"""Every network by name. To add one: its module, its row here, its name in `names` (CONTRIBUTING, "Add a network")."""

from typing import Final

from indexing.errors import EngineError
from indexing.networks.base import Network
from indexing.networks.compact import COMPACT
from indexing.networks.lite0 import LITE0
from indexing.networks.vgg16 import VGG16

_NETWORKS: Final = {network.spec.name: network for network in (VGG16, LITE0, COMPACT)}


def names() -> tuple[str, ...]:
    """The names that `--network` takes besides `auto`."""
    return tuple(_NETWORKS)


def get_network(name: str) -> Network:
    """The network of that name. Raises EngineError listing the names there are."""
    try:
        return _NETWORKS[name]
    except KeyError:
        raise EngineError(f"There is no network {name!r}: choose one of {', '.join(_NETWORKS)}.") from None
