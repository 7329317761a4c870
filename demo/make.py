"""Draw the demo catalogue: `python -m demo.make`, whose defaults made what is committed under data/demo."""

import argparse
import csv
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from demo.drawing import EMOJI_FAMILIES, FABRICS, FontMissingError, ShirtSpec, draw, random_spec
from demo.glyphs import glyph
from demo.naming import price, title

FAMILIES = (
    "cats", "bears", "dogs", "birds", "sea life", "people", "fruit", "flowers", "space",
    "text", "stripes", "dots", "checks", "camouflage", "tie-dye",
)  # fmt: skip
COUNT = 375
SEED = 7
SIDE = 250
QUALITY = 90
OUT = Path(__file__).resolve().parents[1] / "data" / "demo"


@dataclass(frozen=True)
class Entry:
    """A row of the catalogue and the drawing behind it."""

    item_id: str
    title: str
    price: str
    spec: ShirtSpec

    @property
    def motif(self) -> str:
        return self.spec.print.family


def readable(spec: ShirtSpec) -> bool:
    """Whether the print can be told from the cloth: an orange cat on orange cloth is not for sale."""
    printed = spec.print
    if not printed.glyphs or printed.style != "colour" or printed.layout == "badge":
        return True
    base = np.array(FABRICS[spec.fabric], np.float64)
    shown = [glyph(character) for character in printed.glyphs]
    means = [picture[picture[..., 3] > 128][:, :3].mean(axis=0) for picture in shown]
    return all(float(np.abs(mean - base).sum()) > 130 for mean in means)


def entries(count: int, seed: int) -> list[Entry]:
    """Choose the catalogue: families in equal numbers, no title twice, numbered in an order that tells nothing."""
    rng = np.random.default_rng(seed)
    titles: set[str] = set()
    used: Counter[str] = Counter()
    slogans: set[tuple[str, ...]] = set()
    chosen: list[tuple[str, ShirtSpec]] = []
    while len(chosen) < count:
        family = FAMILIES[len(chosen) % len(FAMILIES)]
        # The least used glyphs come next, so that no prince rules the people.
        glyphs = sorted(EMOJI_FAMILIES.get(family, ()), key=lambda character: used[character])[:4]
        spec = random_spec(rng, family, glyphs)
        name = title(spec, rng)
        words = spec.print.text if spec.print.layout == "words" else ()
        if name in titles or (words and words in slogans) or not readable(spec):
            continue
        titles.add(name)
        slogans.add(words)
        used.update(spec.print.glyphs)
        chosen.append((name, spec))
    numbers = rng.choice(np.arange(100_000, 1_000_000), size=count, replace=False)
    made = [Entry(str(number), name, price(spec, rng), spec) for number, (name, spec) in zip(numbers, chosen, strict=True)]
    return sorted(made, key=lambda entry: entry.item_id)


def write(made: list[Entry], out: Path) -> None:
    """Write <ItemID>.jpg, catalogue.csv, motif.csv and colour.csv; pictures of an earlier run are removed."""
    out.mkdir(parents=True, exist_ok=True)
    for old in out.glob("*.jpg"):
        old.unlink()
    for entry in made:
        picture = np.ascontiguousarray(draw(entry.spec, SIDE)[..., ::-1])
        encoded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, QUALITY, cv2.IMWRITE_JPEG_OPTIMIZE, 1])[1]
        (out / f"{entry.item_id}.jpg").write_bytes(encoded.tobytes())
    columns = ["id", "title", "price", "currency", "category", "motif", "colour"]
    rows = [[e.item_id, e.title, e.price, "EUR", e.motif.capitalize(), e.motif, e.spec.fabric] for e in made]
    _table(out / "catalogue.csv", columns, rows)
    _table(out / "motif.csv", ["id", "label"], [[row[0], row[5]] for row in rows])
    _table(out / "colour.csv", ["id", "label"], [[row[0], row[6]] for row in rows])


def _table(path: Path, columns: list[str], rows: list[list[str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m demo.make", description="Draw the demo catalogue.")
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--out", type=Path, default=OUT)
    options = parser.parse_args(arguments)
    try:
        write(entries(options.count, options.seed), options.out)
    except FontMissingError as error:
        print(error, file=sys.stderr)
        return 1
    sizes = sorted(path.stat().st_size for path in options.out.glob("*.jpg"))
    print(f"{len(sizes)} previews in {options.out}, {sum(sizes) / 1e6:.1f} MB; a preview has {sizes[0]} to {sizes[-1]} bytes.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
