"""What every network is: where its input comes from and what its vectors mean."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NetworkSpec:
    """A network as the manifest, the commands and the footer name it.

    name: `vgg16` or `compact`; side: input height and width, pixels; dim: numbers in a vector; layer: where it was cut;
    preprocessing: a name that changes when the pixels fed to it would (part of a vector's identity).
    """

    name: str
    side: int
    dim: int
    layer: str
    preprocessing: str
