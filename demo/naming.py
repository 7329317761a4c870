"""What the demo shop calls its shirts, and what it asks for them."""

import unicodedata

import numpy as np

from demo.spec import ShirtSpec

_GARMENTS = {
    "regular": "tee",
    "slim": "fitted tee",
    "boxy": "boxy tee",
    "v-neck": "V-neck tee",
    "women's": "women's tee",
    "kids'": "kids' tee",
    "long-sleeve": "long-sleeve tee",
    "ringer": "ringer tee",
    "raglan": "raglan tee",
}
_BASE_CENTS = {"kids'": 1490, "long-sleeve": 2790, "raglan": 2490, "ringer": 2290, "boxy": 2290}
_NOUNS = {
    "🐱": "cat",
    "🐈": "cat",
    "😺": "cat",
    "😸": "cat",
    "😹": "cat",
    "😻": "cat",
    "😼": "cat",
    "😽": "cat",
    "🙀": "cat",
    "😿": "cat",
    "😾": "cat",
    "🐻": "bear",
    "🐼": "panda bear",
    "🧸": "teddy bear",
    "🐨": "koala bear",
    "🐶": "puppy",
    "🐕": "dog",
    "🐩": "poodle",
    "🦮": "guide dog",
    "🐤": "chick",
    "🐥": "chick",
    "🐣": "hatching chick",
    "🐟": "fish",
    "🐠": "reef fish",
    "🐡": "puffer fish",
    "🐬": "dolphin",
    "🐳": "whale",
    "🐋": "whale",
    "👦": "boy",
    "👧": "girl",
    "👨": "man",
    "👩": "woman",
    "👴": "grandpa",
    "👵": "grandma",
    "👮": "officer",
    "👷": "builder",
    "💂": "guardsman",
    "👲": "man in a cap",
    "🧔": "bearded man",
    "👸": "princess",
    "🤴": "prince",
    "🤵": "groom",
    "👰": "bride",
    "🧕": "woman in a headscarf",
    "🤠": "cowboy",
    "🍎": "red apple",
    "🍏": "green apple",
    "🍊": "orange",
    "🍇": "grape",
    "🍉": "melon",
    "🍍": "pineapple",
    "🥝": "kiwi",
    "🍒": "cherry",
    "🌺": "hibiscus",
    "🌼": "daisy",
    "🌹": "rose",
    "💐": "bouquet",
    "🏵": "rosette",
    "💮": "white flower",
    "🌷": "tulip",
    "🪐": "Saturn",
    "🌍": "Earth",
    "🌎": "Earth",
    "🌕": "full moon",
    "🌙": "crescent moon",
    "🌟": "star",
    "☄": "comet",
    "👽": "alien",
    "👾": "space invader",
    "🛰": "satellite",
    "🛸": "flying saucer",
}
_ADJECTIVES = {
    "single": (
        "Sleepy",
        "Grand",
        "Proud",
        "Curious",
        "Sunday",
        "Gentle",
        "Wide-awake",
        "Dear",
        "Little",
        "Cheerful",
        "Quiet",
        "Merry",
    ),
    "group": ("A few of", "Company of", "Gathering of"),
    "chest": ("Pocket", "Tiny", "Small"),
    "repeat": ("All-over", "Again-and-again", "Everywhere"),
    "caption": ("Talking",),
    "badge": ("Badge", "Club", "Emblem"),
}
_INKS = {"colour": "", "poster": "screen-print ", "silhouette": "one-ink ", "line": "line-drawn "}
_PATTERNS = {
    "stripes": (
        "even stripe",
        "Breton stripe",
        "rugby stripe",
        "many-stripe",
        "pinstripe",
        "fading stripe",
        "double stripe",
        "slanting stripe",
    ),
    "dots": ("polka dot", "grid dot", "scattered dot", "growing dot", "ring dot", "confetti dot"),
    "checks": ("gingham", "tartan", "buffalo check", "window-pane check", "chessboard", "argyle"),
    "camouflage": ("woodland camo", "pixel camo", "tiger camo"),
    "tie-dye": ("spiral tie-dye", "bullseye tie-dye", "sunburst tie-dye", "crumple tie-dye", "banded tie-dye"),
    "geometric": ("zigzag", "triangle", "wave", "hexagon", "confetti shape", "colour-block", "half-moon", "terrazzo"),
}
_MOODS = (
    "Weekend",
    "Harbour",
    "Classic",
    "Easy",
    "Market",
    "Garden",
    "Holiday",
    "Everyday",
    "Corner",
    "Studio",
    "Morning",
    "Old town",
)


_PLURALS = {
    "fish": "fish",
    "squid": "squid",
    "shrimp": "shrimps",
    "man": "men",
    "woman": "women",
    "guardsman": "guardsmen",
    "man in a cap": "men in caps",
    "woman in a headscarf": "women in headscarves",
    "mango": "mangoes",
}


def noun(glyph: str) -> str:
    """What a glyph shows, in a shop's word."""
    return _NOUNS.get(glyph) or unicodedata.name(glyph, "picture").lower()


def _plural(word: str) -> str:
    if word in _PLURALS:
        return _PLURALS[word]
    head, _, tail = word.rpartition(" ")
    if tail in _PLURALS:
        return f"{head} {_PLURALS[tail]}"
    if tail.endswith("y") and tail[-2] not in "aeou":
        tail = tail[:-1] + "ies"
    else:
        tail += "es" if tail.endswith(("s", "sh", "ch", "x")) else "s"
    return f"{head} {tail}".strip()


def title(spec: ShirtSpec, rng: np.random.Generator) -> str:
    """A title as a shop writes it: "Sleepy cat tee, navy"."""
    printed = spec.print
    garment = _GARMENTS[spec.cut]
    colour = f"heather {spec.fabric}" if spec.heather else spec.fabric
    if printed.layout == "words":
        text = " ".join(printed.text)
        return f"“{text[0].upper() + text[1:].lower()}” {garment}, {colour}"
    if printed.layout in _PATTERNS:
        names = _PATTERNS[printed.layout]
        return f"{rng.choice(_MOODS)} {names[printed.variant % len(names)]} {garment}, {colour}"
    adjective = str(rng.choice(_ADJECTIVES[printed.layout]))
    ink = _INKS[printed.style]
    if printed.layout == "caption":
        return f"“{printed.text[0].capitalize()}” {ink}{noun(printed.glyphs[0])} {garment}, {colour}"
    if printed.layout in ("group", "repeat"):
        things = list(dict.fromkeys(_plural(noun(glyph)) for glyph in printed.glyphs))
        listed = " and ".join([", ".join(things[:-1]), things[-1]] if len(things) > 1 else things)
        if printed.layout == "repeat":
            return f"{adjective} {ink}{listed} {garment}, {colour}"
        return f"{listed[0].upper()}{listed[1:]} {ink}{garment}, {colour}"
    if printed.layout == "badge":
        return f"{noun(printed.glyphs[0]).capitalize()} {adjective.lower()} {garment}, {colour}"
    return f"{adjective} {ink}{noun(printed.glyphs[0])} {garment}, {colour}"


def price(spec: ShirtSpec, rng: np.random.Generator) -> str:
    """A price in euros as a decimal string, such as "19.90": dearer for long sleeves and prints that cover all."""
    cents = _BASE_CENTS.get(spec.cut, 1990)
    cents += 300 if spec.print.layout in ("repeat", "tie-dye", "camouflage") else 0
    cents += int(rng.choice([0, 0, 0, 200, 500, -300]))
    return f"{cents / 100:.2f}"
