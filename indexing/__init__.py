"""Vectors of pictures, and who is near whom. As a library: `from indexing import embed_folder, load_index`.

The names below are loaded when they are first used, so that importing a part of this package does not load the rest.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from indexing.embeddings import Embeddings, embed_folder
    from indexing.index.file import load_index
    from indexing.index.record import Index

__all__ = ["Embeddings", "Index", "embed_folder", "load_index"]

_MODULES: Final = {
    "Embeddings": "indexing.embeddings",
    "Index": "indexing.index.record",
    "embed_folder": "indexing.embeddings",
    "load_index": "indexing.index.file",
}


def __getattr__(name: str) -> Any:
    if name not in _MODULES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULES[name]), name)
