"""The metrics' names, in the order in which they are shown. Distances: smaller is closer, always."""

from typing import Final, Literal

Metric = Literal["cosine", "euclidean", "manhattan"]
METRICS: Final[tuple[Metric, ...]] = ("cosine", "euclidean", "manhattan")
