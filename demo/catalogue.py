"""The demo catalogue as it is committed: read from data/demo, without drawing anything."""

import csv
import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "data" / "demo"


class CatalogueMissingError(RuntimeError):
    """There is no demo catalogue where it was looked for."""


@dataclass(frozen=True)
class Product:
    """One row of catalogue.csv."""

    id: str
    title: str
    price: str
    currency: str
    category: str
    motif: str
    colour: str

    @property
    def slug(self) -> str:
        return slug(self.title)


def slug(text: str) -> str:
    """A title as a part of an address: "Cat tee, navy" gives "cat-tee-navy"."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower().replace("'", "")).strip("-")


def load(folder: Path = FOLDER) -> dict[str, Product]:
    """The catalogue by ItemID, in the file's order. Raises CatalogueMissingError naming the folder and the way out."""
    path = folder / "catalogue.csv"
    try:
        with path.open(newline="", encoding="utf-8") as file:
            products = [Product(**row) for row in csv.DictReader(file)]
    except FileNotFoundError as error:
        raise CatalogueMissingError(
            f"{path} is missing: restore it with git, or draw it anew with `python -m demo.make`."
        ) from error
    except TypeError as error:
        raise CatalogueMissingError(f"{path} has other columns than the demo's: restore it with git.") from error
    return {product.id: product for product in products}
