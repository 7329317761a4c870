"""The engines: what runs a network. Each library is imported inside its engine, when it is used."""

from indexing.engines.base import Engine, FullEngine
from indexing.engines.factory import ENGINES, cached_engine, make_engine

__all__ = ["ENGINES", "Engine", "FullEngine", "cached_engine", "make_engine"]
