"""Photos to try, for who has none at hand. Our own drawings: `python -m demo.samples` makes them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from django.contrib.staticfiles import finders
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from catalog.errors import BadParameterError

# name, which is also the file's: its description
SAMPLES: Final[Mapping[str, Promise]] = {
    "cat": _("Shirt with a cat"),
    "dolphin": _("Shirt with a dolphin"),
    "flower": _("Shirt with a flower"),
    "stripes": _("Striped shirt"),
    "tie-dye": _("Tie-dyed shirt"),
    "pineapple": _("Shirt with a pineapple"),
}


def sample_file(name: str) -> str:
    """A sample's name among the static files."""
    return f"photo/samples/{name}.jpg"


def read_sample(name: str) -> bytes:
    """The encoded picture of a sample. Raises BadParameterError for a name that is none of SAMPLES."""
    path = finders.find(sample_file(name)) if name in SAMPLES else None
    if path is None:
        raise BadParameterError(f"sample is {name[:20]!r}: use one of {', '.join(SAMPLES)}.")
    return Path(path).read_bytes()
