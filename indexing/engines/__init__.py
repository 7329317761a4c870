"""The engines: what runs a network. Each library is imported inside its engine, when it is used."""

from indexing.engines.base import Engine, FullEngine
from indexing.engines.encoder_engine import make_text_model
from indexing.engines.factory import ENGINES, PRECISION_CHOICES, cached_engine, is_cached, make_engine

__all__ = [
    "ENGINES",
    "PRECISION_CHOICES",
    "Engine",
    "FullEngine",
    "cached_engine",
    "is_cached",
    "make_engine",
    "make_text_model",
]
