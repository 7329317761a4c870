"""What is to be drawn: a T-shirt as a small value, and how to pick one by chance."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from demo.fabric import FABRICS, GROUNDS, HEATHERABLE, Colour, luminance, mix
from demo.glyphs import EMOJI_FAMILIES
from demo.lettering import FACES, SLOGANS, invented_word
from demo.patterns import PATTERNS
from demo.silhouettes import CUTS

FAMILIES: tuple[str, ...] = (*EMOJI_FAMILIES, "text", *PATTERNS)
LAYOUTS = ("single", "group", "chest", "repeat", "caption", "badge")
STYLES = ("colour", "poster", "silhouette", "line")
CUT_SHARES = {
    "regular": 0.3,
    "slim": 0.13,
    "boxy": 0.11,
    "v-neck": 0.08,
    "women's": 0.12,
    "kids'": 0.07,
    "long-sleeve": 0.08,
    "ringer": 0.06,
    "raglan": 0.05,
}
FABRIC_SHARES = {"white": 3.0, "black": 2.4, "grey": 1.8, "navy": 1.6}
CAPTIONS: dict[str, tuple[str, ...]] = {
    "cats": ("MEOW", "NOT NOW", "CAT PERSON", "PURR"),
    "bears": ("BEAR WITH ME", "GRRR", "HUG", "HONEY"),
    "dogs": ("GOOD BOY", "WOOF", "WALKIES", "FETCH"),
    "birds": ("EARLY", "TWEET", "FREE", "NEST"),
    "sea life": ("DEEP", "TIDE", "SALTY", "BLUB"),
    "people": ("HELLO", "SOMEBODY", "CREW", "FOLKS"),
    "fruit": ("FRESH", "RIPE", "JUICY", "FIVE A DAY"),
    "flowers": ("BLOOM", "WILD", "GROW", "MAY"),
    "space": ("FAR OUT", "ORBIT", "LAUNCH", "QUIET"),
    "food": ("SECONDS?", "YUM", "LUNCH", "EXTRA"),
    "sport": ("PLAY", "TEAM", "MATCH", "1ST"),
    "woodland": ("WILD", "ROAM", "FOREST", "HIDE"),
}
CAMOUFLAGE: tuple[tuple[str, tuple[Colour, ...]], ...] = (
    ("olive", ((58, 66, 40), (140, 128, 88), (34, 34, 28))),
    ("green", ((24, 66, 44), (96, 118, 70), (30, 32, 30))),
    ("sand", ((176, 148, 108), (136, 108, 76), (238, 226, 200))),
    ("grey", ((112, 115, 120), (210, 211, 213), (58, 60, 64))),
    ("charcoal", ((44, 45, 50), (120, 122, 126), (20, 20, 23))),
    ("navy", ((22, 28, 52), (74, 96, 140), (116, 132, 156))),
    ("blue", ((28, 56, 112), (128, 164, 208), (22, 30, 54))),
    ("pink", ((204, 116, 140), (246, 214, 220), (132, 82, 98))),
    ("burgundy", ((66, 16, 30), (150, 66, 74), (30, 18, 22))),
    ("brown", ((70, 48, 36), (162, 128, 94), (36, 28, 24))),
    ("teal", ((18, 78, 86), (104, 168, 168), (20, 40, 46))),
    ("orange", ((170, 74, 24), (72, 50, 36), (244, 178, 110))),
)


# Dyes that go together: the cloth's name and the inks beside it, as names of FABRICS.
TIE_DYE: tuple[tuple[str, ...], ...] = (
    ("pink", "orange", "mustard"),
    ("pink", "purple", "sky"),
    ("blue", "sky", "white"),
    ("navy", "blue", "white"),
    ("purple", "pink", "white"),
    ("purple", "blue", "sky", "mint"),
    ("teal", "mint", "white"),
    ("green", "mint", "mustard"),
    ("red", "orange", "mustard"),
    ("mustard", "orange", "white"),
    ("mint", "sky", "white"),
    ("grey", "charcoal", "white"),
    ("red", "mustard", "green", "blue", "purple"),
    ("burgundy", "pink", "sand"),
    ("sky", "white", "pink"),
)


@dataclass(frozen=True)
class Print:
    """What stands on the cloth. `seed` decides what chance decides inside the print."""

    family: str
    layout: str  # one of LAYOUTS, "words", a pattern's name, or "plain"
    glyphs: tuple[str, ...] = ()
    style: str = "colour"
    text: tuple[str, ...] = ()
    face: str = "grotesque"
    inks: tuple[Colour, ...] = ((20, 20, 20),)
    variant: int = 0
    size: float = 0.5  # 0 to 1: pattern from fine to bold, chest print from small to large
    seed: int = 0


@dataclass(frozen=True)
class ShirtSpec:
    """A T-shirt to draw: the same spec always gives the same pixels.

    `dx`, `dy` shift the shirt in the picture (shares of its side), `scale` and `turn` (degrees) are about 1 and 0;
    `print_dx`, `print_dy` (shirt units) and `print_turn` (degrees) move the print on the cloth. `seed` decides the folds.
    """

    cut: str
    fabric: str
    ground: str
    print: Print
    heather: bool = False
    trim: Colour | None = None
    dx: float = 0.0
    dy: float = 0.0
    scale: float = 1.0
    turn: float = 0.0
    print_dx: float = 0.0
    print_dy: float = 0.0
    print_turn: float = 0.0
    light: float = field(default=0.0)  # -1 from the left to 1 from the right
    seed: int = 0


def contrasting(rng: np.random.Generator, base: Colour, count: int, least: float = 0.28) -> tuple[Colour, ...]:
    """Inks that can be read on the cloth and told from one another."""
    shares = rng.permutation(len(FABRICS))
    palette = [list(FABRICS.values())[i] for i in shares]
    picked: list[Colour] = []
    for ink in palette:
        apart = [abs(luminance(ink) - luminance(base))] + [
            sum(abs(a - b) for a, b in zip(ink, other, strict=True)) / 300 for other in picked
        ]
        if min(apart) >= least:
            picked.append(ink)
        if len(picked) == count:
            return tuple(picked)
    plain: Colour = (245, 244, 240) if luminance(base) < 0.5 else (28, 28, 32)
    return (*picked, *(mix(plain, base, 0.25 * i) for i in range(count - len(picked))))


def _choose(rng: np.random.Generator, shares: dict[str, float]) -> str:
    weights = np.array(list(shares.values()), dtype=np.float64)
    return list(shares)[int(rng.choice(len(weights), p=weights / weights.sum()))]


def _integer(rng: np.random.Generator, top: int = 2**31 - 1) -> int:
    return int(rng.integers(top))


def _glyph_print(rng: np.random.Generator, family: str, glyphs: Sequence[str], base: Colour) -> Print:
    layout = _choose(rng, {"single": 0.4, "group": 0.14, "chest": 0.08, "repeat": 0.11, "caption": 0.13, "badge": 0.12})
    # A face in three odd inks frightens: people keep their colours.
    odd = 0.0 if family == "people" else 1.0
    style = _choose(rng, {"colour": 0.66, "poster": 0.16 * odd, "silhouette": 0.1 * odd, "line": 0.08})
    count = {"group": int(rng.integers(2, 4)), "repeat": int(rng.integers(1, 3))}.get(layout, 1)
    picked = tuple(str(glyphs[i]) for i in rng.choice(len(glyphs), size=min(count, len(glyphs)), replace=False))
    inks = contrasting(rng, base, 3, 0.28 if style == "poster" else 0.4)
    if layout == "badge":
        style = "colour"
    known = CAPTIONS.get(family)
    text = str(rng.choice(known)) if known else invented_word(rng).upper()
    return Print(
        family=family,
        layout=layout,
        glyphs=picked,
        style=style,
        text=(text,) if layout == "caption" else (),
        face=str(rng.choice(list(FACES))),
        inks=inks,
        variant=_integer(rng, 6),
        size=float(rng.uniform()),
        seed=_integer(rng),
    )


def _pattern_print(rng: np.random.Generator, family: str, base: Colour) -> Print:
    variants = PATTERNS[family][1]
    inks = contrasting(rng, base, 4, 0.2)
    return Print(
        family=family, layout=family, inks=inks, variant=_integer(rng, variants), size=float(rng.uniform()), seed=_integer(rng)
    )


def random_print(rng: np.random.Generator, family: str, fabric: str, glyphs: Sequence[str] | None = None) -> Print:
    """A print of a family for a cloth. `glyphs` stand in for the family's own."""
    base = FABRICS[fabric]
    if family == "plain":
        return Print(family=family, layout="plain")
    if family == "text":
        text = SLOGANS[_integer(rng, len(SLOGANS))]
        return Print(
            family=family,
            layout="words",
            text=text,
            face=str(rng.choice(list(FACES))),
            inks=contrasting(rng, base, 2, 0.4),
            variant=_integer(rng, 8),
            size=float(rng.uniform(0.3, 1)),
            seed=_integer(rng),
        )
    if family in PATTERNS:
        return _pattern_print(rng, family, base)
    return _glyph_print(rng, family, glyphs or EMOJI_FAMILIES[family], base)


def random_spec(rng: np.random.Generator, family: str | None = None, glyphs: Sequence[str] | None = None) -> ShirtSpec:
    """A T-shirt by chance.

    `family` is one of FAMILIES, "plain", or any name when `glyphs` are given; None takes one of FAMILIES by chance, or, with
    `glyphs`, a picture print of them (family "picture"). Raises KeyError for an unknown family without glyphs.
    """
    if family is None:
        family = "picture" if glyphs else str(rng.choice(FAMILIES))
    dyes = _dyes(rng, family)
    fabric = dyes[0] if dyes else _choose(rng, {name: FABRIC_SHARES.get(name, 1.0) for name in FABRICS})
    shirt = dress(rng, fabric, random_print(rng, family, fabric, glyphs))
    return replace(shirt, print=replace(shirt.print, inks=dyes[1])) if dyes else shirt


def _dyes(rng: np.random.Generator, family: str) -> tuple[str, tuple[Colour, ...]] | None:
    """Cloth and inks of the patterns whose colours must go together."""
    if family == "camouflage":
        fabric, shades = CAMOUFLAGE[_integer(rng, len(CAMOUFLAGE))]
        return fabric, tuple(shades[i] for i in rng.permutation(len(shades)))
    if family == "tie-dye":
        names = TIE_DYE[_integer(rng, len(TIE_DYE))]
        return names[0], tuple(FABRICS[name] for name in names)
    return None


def dress(rng: np.random.Generator, fabric: str, printed: Print) -> ShirtSpec:
    """A shirt by chance around a given cloth and print."""
    cut = _choose(rng, CUT_SHARES)
    trim = contrasting(rng, FABRICS[fabric], 1, 0.2)[0] if CUTS[cut].two_tone else None
    patterned = printed.layout in PATTERNS
    return ShirtSpec(
        cut=cut,
        fabric=fabric,
        ground=_choose(rng, {name: 3.0 if name == "white" else 1.0 for name in GROUNDS}),
        print=printed,
        heather=fabric in HEATHERABLE and not patterned and bool(rng.uniform() < (0.7 if fabric == "grey" else 0.25)),
        trim=trim,
        dx=float(np.clip(rng.normal(0, 0.012), -0.03, 0.03)),
        dy=float(np.clip(rng.normal(0, 0.012), -0.03, 0.03)),
        scale=float(rng.uniform(0.9, 1.02)),
        turn=float(np.clip(rng.normal(0, 1.2), -4, 4)),
        print_dx=float(rng.normal(0, 0.008)),
        print_dy=float(rng.normal(0, 0.02)),
        print_turn=float(rng.normal(0, 0.8)),
        light=float(rng.uniform(-1, 1)),
        seed=_integer(rng),
    )


def restyle(rng: np.random.Generator, spec: ShirtSpec, fabric: str | None = None) -> ShirtSpec:
    """The same print on another shirt: other cut, ground, folds, placement; other cloth only where `fabric` names one.

    For two views of one print. (A pattern takes its ground from the cloth, so another cloth changes more there.)
    """
    return dress(rng, fabric or spec.fabric, spec.print)
