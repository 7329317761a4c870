"""Which charset a text feed is in."""

import codecs
from collections import Counter
from typing import IO, Final

import webencodings
from charset_normalizer import from_bytes

from scraping.errors import FeedError

_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LIKELY: Final = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "koi8_r", "cp932", "gb18030", "big5", "cp949"]
# The letters with marks, and the signs, of the languages that are written in a charset; the more common charset first.
_ALPHABETS: Final = {
    "cp1252": (
        "àâæçèéêëîïôœùûüÿ£«»",  # French, English
        "äöüß£",  # German
        "áéíñóúü¿¡ºª",  # Spanish
        "àáâãçéêíóôõúüºª",  # Portuguese
        "àèéìíîòóùúºª",  # Italian
        "àçèéíïòóúü",  # Catalan
        "åäöé",  # Swedish, Finnish
        "æøåéóòôü",  # Danish, Norwegian
        "áèéêëïíóöúü",  # Dutch
        "áéíóúýðþæö",  # Icelandic
        "äõöüšž",  # Estonian
    ),
    "cp1250": (
        "ąćęłńóśźż",  # Polish
        "áčďéěíňóřšťúůýž",  # Czech
        "áäčďéíĺľňóôŕšťúýž",  # Slovak
        "áéíóöőúüű",  # Hungarian
        "čćđšž",  # Croatian, Slovene
        "ăâîşţ",  # Romanian
    ),
    "cp1254": ("âçğıîöşûü",),  # Turkish
}
_CHUNK: Final = 1 << 20
_SAMPLE: Final = 1 << 16


def named_charset(name: str) -> str:
    """Python's name for a charset that a person named. Raises FeedError."""
    known = webencodings.lookup(name)
    if known is not None:
        return str(known.codec_info.name)
    try:
        return codecs.lookup(name).name
    except LookupError:
        raise FeedError(f"{name!r} is no charset that is known: utf-8, windows-1251 and so on are.") from None


def charset_of(file: IO[bytes]) -> str:
    """Python's name for the charset of a feed: by its BOM, UTF-8 where all of it is, else the likeliest by its first bytes."""
    head = file.read(_CHUNK)
    for bom, charset in _BOMS:
        if head.startswith(bom):
            return charset
    even, odd = head[:_SAMPLE:2], head[1:_SAMPLE:2]
    if len(head) >= 4 and max(even.count(0), odd.count(0)) > 0.4 * len(odd):
        return "utf-16-le" if odd.count(0) > even.count(0) else "utf-16-be"
    decoder, odd_bytes, piece = codecs.getincrementaldecoder("utf-8")(), b"", head
    while piece:
        try:
            decoder.decode(piece)
        except UnicodeDecodeError as error:
            odd_bytes = piece[max(0, error.start - _SAMPLE // 2) : error.start + _SAMPLE // 2]
            break
        piece = file.read(_CHUNK)
    if not odd_bytes:
        return "utf-8"
    matches = list(from_bytes(odd_bytes, cp_isolation=_LIKELY))
    if not matches:
        return "cp1252"
    alike = [match.encoding for match in matches if match.chaos <= matches[0].chaos]
    return _by_alphabet(odd_bytes) if not _ALPHABETS.keys().isdisjoint(alike) else alike[0]


def _by_alphabet(text: bytes) -> str:
    """Of the charsets of Latin letters, which only differ in the letters with marks, the one that makes them one language's.

    The more common charset wins a tie.
    """

    def fitting(charset: str) -> int:
        marked = Counter(character for character in text.decode(charset, "replace").lower() if not character.isascii())
        return max(sum(marked[letter] for letter in alphabet) for alphabet in _ALPHABETS[charset])

    return max(_ALPHABETS, key=fitting)
