"""Which network makes the vectors, with which weights, and why: said in plain words before a build begins."""

from dataclasses import dataclass
from pathlib import Path

from indexing.encoders.encoder import Encoder, open_encoder
from indexing.encoders.source import is_encoder
from indexing.errors import EngineError, WeightsError
from indexing.networks.base import Network
from indexing.networks.registry import get_network
from indexing.weights.imagenet import MEGABYTES, cached_file, unreachable
from indexing.weights.record import Weights

BUNDLED = ("lite0", "compact")  # what comes with the product and with pip, the best first
UPGRADE = "For VGG-16 as in the article: build_index --network vgg16 --weights imagenet (online, once), or --weights FILE."


@dataclass(frozen=True, slots=True)
class Choice:
    """A network or an encoder with its weights, and lines for people: which, why, and how to have a better one."""

    network: Network | Encoder
    weights: Weights
    explanation: tuple[str, ...]


def choose_network(network: str = "auto", weights: str | None = None, seed: int = 0, cache_dir: Path | None = None) -> Choice:
    """`network`: `auto`, a name, or `onnx:…`, an encoder that is fetched into `cache_dir` if it is not there yet;
    `weights`: `imagenet`, `random`, `bundled`, a file's path, or None for the network's own.

    `auto` without weights: ImageNet's VGG-16 if it is cached or can be fetched, else (no network, known within seconds) the
    best network that comes with pip, lite0, or with the product, compact, else an untrained VGG-16.
    Raises WeightsError; EngineError for an unknown name.
    """
    if is_encoder(network):
        if weights is not None:
            raise EngineError("An ONNX encoder brings its weights along: leave --weights away.")
        assert cache_dir is not None
        return Choice(*open_encoder(network, cache_dir))
    if network == "auto" and weights is None:
        return _automatic(seed)
    if network == "auto":
        network = BUNDLED[0] if weights == "bundled" else "vgg16"
    chosen = get_network(network)
    source = weights or chosen.default_weights
    loaded = chosen.load_weights(source, seed)
    lines = [f"Network {network}, weights: {loaded.description}, as asked for."]
    if not loaded.trained:
        lines.append("The weights are untrained: good for trying things out, not for judging similarity.")
    if loaded.label in ("random", "bundled"):
        lines.append(UPGRADE)
    return Choice(chosen, loaded, tuple(lines))


def _automatic(seed: int) -> Choice:
    vgg16 = get_network("vgg16")
    if cached_file() is not None:
        loaded = vgg16.load_weights("imagenet")
        return Choice(vgg16, loaded, ("Network vgg16, weights: ImageNet, found in Keras's cache.",))
    problem = unreachable()
    if problem is None:
        try:
            loaded = vgg16.load_weights("imagenet")
        except WeightsError as error:
            problem = str(error)
        else:
            return Choice(vgg16, loaded, (f"Network vgg16, weights: ImageNet, downloaded ({MEGABYTES} MB, once).",))
    why = f"VGG-16's ImageNet weights are neither cached nor to be had now ({problem})"
    lacking: list[str] = []
    for name in BUNDLED:
        try:
            loaded = get_network(name).load_weights("bundled")
        except WeightsError as error:
            lacking.append(str(error))
        else:
            return Choice(get_network(name), loaded, (f"Network {name}, weights: bundled, because {why}.", *lacking, UPGRADE))
    loaded = vgg16.load_weights("random", seed)
    return Choice(
        vgg16,
        loaded,
        (f"Network vgg16, weights: {loaded.description}, because {why} and no bundled network is here.", UPGRADE),
    )
