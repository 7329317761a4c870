"""What other rooms may listen to."""

from typing import Final

from django.dispatch import Signal

# Sent by `build_index` once the new index is in its place; keyword argument `path`: pathlib.Path.
index_built: Final = Signal()
