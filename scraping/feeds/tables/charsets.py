"""Which charset a text feed is in."""

import codecs
from typing import IO, Final

import webencodings
from charset_normalizer import from_bytes

from scraping.errors import FeedError

_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_LIKELY: Final = ["cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "koi8_r", "cp932", "gb18030", "big5", "cp949"]
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
    # Western and Central European texts are often alike; the more common charset wins a tie.
    alike = {match.encoding for match in matches if match.chaos <= matches[0].chaos}
    return "cp1252" if "cp1252" in alike else matches[0].encoding
