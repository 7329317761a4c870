"""The manifest: how an index was made."""

import os
import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Final

from indexing.encoders.encoder import Encoder
from indexing.heads.head import Head
from indexing.index.record import FORMAT_VERSION
from indexing.networks.choice import Choice

# The rest of the manifest, and of the file, depends on the previews and the network alone.
RUN_KEYS: Final = ("created", "built")
_PACKAGES: Final = ("numpy", "opencv-python-headless", "pillow", "tensorflow", "MNN", "openvino")


def make_manifest(
    choice: Choice,
    head: Head | None,
    previews: Mapping[str, str],
    skipped: Mapping[str, str],
    unreadable: Mapping[str, str],
    extras: Sequence[str],
    engines: Iterable[str],
    precision: str,
    neighbours: Mapping[str, Any],
    seconds: Mapping[str, float],
    computed: int,
) -> dict[str, Any]:
    """Plain values only. previews: ItemID → sha256, in the order of rows; unreadable: sha256 → why; extras: those computed;
    neighbours: how they were found.

    Only what RUN_KEYS name differs from run to run.
    """
    spec = choice.network.spec
    text = choice.network.text if isinstance(choice.network, Encoder) else None
    return {
        "format_version": FORMAT_VERSION,
        "network": spec.name,
        "layer": spec.layer,
        "weights": choice.weights.manifest(),
        "trained": choice.weights.trained,
        "preprocessing": spec.preprocessing,
        **({"words": text.digest} if text is not None else {}),
        **({"head": head.manifest()} if head is not None else {}),
        "engine": "+".join(sorted({one for name in engines for one in name.split("+")} - {""})),
        "precision": precision,
        "items": len(previews),
        "dim": spec.dim if head is None else head.dim,
        "neighbours": dict(neighbours),
        "versions": {"python": platform.python_version(), **_versions()},
        "previews": dict(previews),
        "skipped": dict(sorted(skipped.items())),
        "extras": list(extras),
        "unreadable": dict(sorted(unreadable.items())),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "built": {
            "seconds": dict(seconds),
            "computed": computed,
            "machine": f"{platform.machine()}, {os.cpu_count()} cores",
        },
    }


def _versions() -> dict[str, str]:
    versions: dict[str, str] = {}
    for package in _PACKAGES:
        try:
            versions[package] = version(package)
        except PackageNotFoundError:
            continue
    return versions
