"""Pictures for prints: the glyphs of Noto Color Emoji (SIL OFL 1.1, Debian's `fonts-noto-color-emoji`)."""

import struct
import unicodedata
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

FONT = Path("/usr/share/fonts/truetype/noto/NotoColorEmoji.ttf")
STRIKE = 109  # the font holds bitmaps of this size only
Rgba = NDArray[np.uint8]

# What the demo catalogue prints. Training the compact network leaves every third of each family out.
EMOJI_FAMILIES: dict[str, tuple[str, ...]] = {
    "cats": tuple("🐱🐈😺😸😹😻😼😽🙀😿😾"),
    "bears": tuple("🐻🐼🧸🐨"),
    "dogs": tuple("🐶🐕🐩🦮"),
    "birds": tuple("🐦🦅🦆🦉🦜🦚🐧🐤🐥🐣🐓🦢🦩"),
    "sea life": tuple("🐟🐠🐡🦈🐙🐬🐳🐋🦀🦑🦐🦞"),
    "people": tuple("👦👧👨👩👴👵👮👷💂👲🧔👸🤴🤵👰🧕🤠"),
    "fruit": tuple("🍎🍏🍊🍋🍌🍉🍇🍓🍒🍑🍍🥝🥭🍐"),
    "flowers": tuple("🌸🌹🌺🌻🌼🌷💐🏵💮"),
    "space": tuple("🚀🛸🪐🌍🌎🌕🌙🌟☄👽👾🛰"),
    "food": tuple("🍕🍔🍟🌭🌮🌯🍩🍪🧁🍦🍣🍜🥐🥨"),
    "sport": tuple("⚽🏀🏈⚾🎾🏐🏉🎱🏓🏸🥊🛹🏆"),
    "woodland": tuple("🦊🐺🦌🦝🦔🐿🐰🐇🦡"),
}

# Code points of each group, from Unicode's own order; what is in none is an object or a symbol.
_GROUPS: dict[str, str] = {
    "people": ("1F466-1F478 1F47C-1F487 1F574-1F575 1F645-1F647 1F64B-1F64E 1F926-1F93E 1F9B8-1F9B9 1F9CD-1F9DF 1FAC3-1FAC5"),
    "face": ("1F600-1F644 1F910-1F917 1F920-1F92F 1F970-1F97A 1F9D0-1F9D0 1FAE0-1FAE8 1F479-1F47B 1F47D-1F480 2639-263A"),
    "hand": "1F440-1F450 1F918-1F91F 1F58F-1F596 1F4AA-1F4AA 1FAF0-1FAF8 270A-270D 1F9B4-1F9B7 1F9BB-1F9BB",
    "animal": "1F400-1F43F 1F980-1F9AE 1F54A-1F54A 1F577-1F578 1FAB0-1FAB3 1FABC-1FABF 1FACE-1FACF 1F9AB-1F9AD",
    "food": "1F32D-1F32F 1F336-1F336 1F345-1F37F 1F950-1F96F 1F9C0-1F9CB 1F382-1F382 1FAD0-1FADB",
    "nature": (
        "1F300-1F321 1F324-1F32C 1F330-1F335 1F337-1F344 1FAB4-1FABA 2600-2604 2614-2614 26C4-26C8 2B50-2B50 "
        "2728-2728 2744-2744 1F490-1F490 1F4AE-1F4AE 1FA90-1FA90"
    ),
    "activity": "1F380-1F3D3 1F3F8-1F3FA 1F93F-1F945 1F947-1F94F 1F3AF-1F3BF 26BD-26BE 1FA80-1FA88 1F9E7-1F9E9",
    "place": "1F3D4-1F3F0 1F680-1F6FC 26EA-26FD 1F5FA-1F5FF",
}
_LEFT_OUT = "1F1E6-1F1FF 1F3FB-1F3FF 1F170-1F251 E0000-10FFFF 1F9B0-1F9B3"


class FontMissingError(RuntimeError):
    """The emoji font is not where Debian puts it."""


@lru_cache(maxsize=1)
def emoji_font() -> ImageFont.FreeTypeFont:
    """The font at its one size; FontMissingError names the package to install."""
    if not FONT.exists():
        raise FontMissingError(f"{FONT} is missing: install Debian's package fonts-noto-color-emoji.")
    return ImageFont.truetype(str(FONT), STRIKE, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=2048)
def glyph(character: str) -> Rgba:
    """One emoji, cropped to its ink: uint8 (h, w, 4) RGBA, the longer side about 128. All transparent when it has no ink."""
    picture = Image.new("RGBA", (160, 160), (0, 0, 0, 0))
    ImageDraw.Draw(picture).text((10, 10), character, font=emoji_font(), embedded_color=True)
    box = picture.getbbox()
    found = np.asarray(picture.crop(box) if box else picture.crop((0, 0, 2, 2)))
    found.setflags(write=False)
    return found


def _characters() -> list[int]:
    """Code points of the font's character map (its 32-bit table, format 12)."""
    data = FONT.read_bytes()
    tables = {
        data[12 + 16 * i : 16 + 16 * i]: struct.unpack(">II", data[20 + 16 * i : 28 + 16 * i])
        for i in range(struct.unpack(">H", data[4:6])[0])
    }
    start = tables[b"cmap"][0]
    for i in range(struct.unpack(">H", data[start + 2 : start + 4])[0]):
        offset = start + struct.unpack(">I", data[start + 8 + 8 * i : start + 12 + 8 * i])[0]
        if struct.unpack(">H", data[offset : offset + 2])[0] == 12:
            count = struct.unpack(">I", data[offset + 12 : offset + 16])[0]
            ranges = (struct.unpack(">II", data[offset + 16 + 12 * n : offset + 24 + 12 * n]) for n in range(count))
            return [code for first, last in ranges for code in range(first, last + 1)]
    raise FontMissingError(f"{FONT} has no 32-bit character map: reinstall fonts-noto-color-emoji.")


@lru_cache(maxsize=16)
def _members(ranges: str) -> frozenset[int]:
    """The code points of ranges written as "1F400-1F43F 1F980-1F9AE"."""
    ends = (span.split("-") for span in ranges.split())
    return frozenset(code for first, last in ends for code in range(int(first, 16), int(last, 16) + 1))


@lru_cache(maxsize=1)
def all_glyphs() -> tuple[tuple[str, str, str], ...]:
    """Every single-character emoji of the font that has ink, as (glyph, Unicode name, group).

    Groups: people, face, hand, animal, food, nature, activity, place, object (the rest above U+1F000) and symbol.
    Flags, skin tones, hair parts, keycaps and letter squares are left out; the demo's own glyphs are not: whoever needs
    them apart takes EMOJI_FAMILIES away. In code point order.
    """
    emoji_font()
    kept = []
    for code in _characters():
        name = unicodedata.name(chr(code), "")
        if (
            code < 0x231A
            or not name
            or code in _members(_LEFT_OUT)
            or "VARIATION" in name
            or "JOINER" in name
            or "KEYCAP" in name
        ):
            continue
        if int((glyph(chr(code))[..., 3] > 128).sum()) < 400:
            continue
        group = next(
            (group for group, ranges in _GROUPS.items() if code in _members(ranges)), "object" if code > 0x1F3FF else "symbol"
        )
        kept.append((chr(code), name.lower(), group))
    return tuple(kept)
