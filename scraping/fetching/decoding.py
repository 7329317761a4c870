"""From the bytes of an answer to what was meant: content encodings undone, text decoded as browsers decode it."""

import zlib
from typing import Final, Protocol

import brotli
import webencodings
from bs4.dammit import EncodingDetector

from scraping.errors import FetchError

ACCEPT_ENCODING: Final = "gzip, deflate, br"
_BOMS: Final = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16le"), (b"\xfe\xff", "utf-16be"))
_MOST_LAYERS: Final = 3


class Decoder(Protocol):
    """Undoes one content encoding."""

    @property
    def finished(self) -> bool:
        """Whether the stream's own end has come, so that nothing can be missing."""
        ...

    def decode(self, data: bytes, most: int) -> bytes:
        """Take `data` and give what it decodes to. More than `most` bytes mean that decoding was broken off there: the caller
        gives up. Raises DecodingError.
        """
        ...


class DecodingError(Exception):
    """Bytes that are not in the encoding that the answer names."""


def decoder_for(content_encoding: str) -> Decoder | None:
    """What undoes a Content-Encoding header, None where there is nothing to undo. Raises FetchError for an unknown encoding."""
    names = [name.strip().lower() for name in content_encoding.split(",")]
    names = [name for name in names if name not in {"", "identity", "none", "utf-8"}]
    unknown = [name for name in names if name not in _DECODERS]
    if unknown or len(names) > _MOST_LAYERS:
        raise FetchError("the content encoding is not understood", f"the shop answers in {content_encoding.strip()[:60]}")
    # They are named in the order in which they were put on.
    layers: list[Decoder] = [_DECODERS[name]() for name in reversed(names)]
    return _Layers(layers) if layers else None


class _Layers:
    def __init__(self, layers: list[Decoder]) -> None:
        self._layers = layers

    @property
    def finished(self) -> bool:
        return all(layer.finished for layer in self._layers)

    def decode(self, data: bytes, most: int) -> bytes:
        for layer in self._layers:
            data = layer.decode(data, most)
        return data


class _Gzip:
    """gzip of one or more members. What follows the last one is passed over, as browsers do."""

    _has_members = True

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
        self._waiting = b""
        self._finished = False

    @property
    def finished(self) -> bool:
        return self._finished

    def decode(self, data: bytes, most: int) -> bytes:
        out = bytearray()
        data, self._waiting = self._waiting + data, b""
        while data and len(out) <= most:
            if self._finished:
                if data == b"\x1f":  # half of the mark that begins another member, perhaps
                    self._waiting = data
                if not data.startswith(b"\x1f\x8b") or not self._has_members:
                    break
                self._stream, self._finished = zlib.decompressobj(16 + zlib.MAX_WBITS), False
            try:
                out += self._stream.decompress(data, most + 1 - len(out))
            except zlib.error as error:
                raise DecodingError(str(error)) from None
            self._finished = self._stream.eof
            data = self._stream.unused_data or self._stream.unconsumed_tail
        return bytes(out)


class _Deflate(_Gzip):
    """deflate: a zlib stream by the book, a bare one from some servers; the first byte tells."""

    _has_members = False

    def __init__(self) -> None:
        self._begun = False
        super().__init__()

    def decode(self, data: bytes, most: int) -> bytes:
        if data and not self._begun:
            self._begun = True
            is_zlib = data[0] & 0x0F == 8 and data[0] >> 4 <= 7
            self._stream = zlib.decompressobj(zlib.MAX_WBITS if is_zlib else -zlib.MAX_WBITS)
        return super().decode(data, most)


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    @property
    def finished(self) -> bool:
        return bool(self._stream.is_finished())

    def decode(self, data: bytes, most: int) -> bytes:
        out = bytearray()
        try:
            while len(out) <= most and not self.finished:
                piece = self._stream.process(data, output_buffer_limit=most + 1 - len(out))
                out += piece
                data = b""
                if not piece and self._stream.can_accept_more_data():
                    break
        except brotli.error as error:
            raise DecodingError(str(error)) from None
        return bytes(out)


_DECODERS: Final[dict[str, type[Decoder]]] = {"gzip": _Gzip, "x-gzip": _Gzip, "deflate": _Deflate, "br": _Brotli}


def decode_text(body: bytes, content_type: str = "", *, is_markup: bool = True) -> str:
    """A body as browsers read it: by its byte order mark, else the header's charset, else the one that `<meta>` or the XML
    declaration names (`is_markup`), else UTF-8 where it is that for the most part, else windows-1252. Wrong bytes are replaced.

    Charsets go by the labels of the WHATWG Encoding Standard (webencodings): iso-8859-1 is windows-1252, gb2312 is gbk.
    """
    mark = next((mark for mark, _ in _BOMS if body.startswith(mark)), b"")
    return _decode(body[len(mark) :], charset_of(body, content_type, is_markup=is_markup))


def charset_of(body: bytes, content_type: str = "", *, is_markup: bool = True) -> str:
    """The name of the charset that `decode_text` reads a body by."""
    for mark, name in _BOMS:
        if body.startswith(mark):
            return name
    declared = webencodings.lookup(_charset_of(content_type))
    if declared is None and is_markup:
        named = EncodingDetector.find_declared_encoding(body, is_html=True, search_entire_document=False)
        declared = webencodings.lookup(named or "")
        if declared is not None and declared.name.startswith(("utf-16", "x-user-defined")):
            # It could not have been read so far if it were UTF-16: https://html.spec.whatwg.org/#determining-the-character-encoding
            declared = webencodings.lookup("utf-8" if declared.name.startswith("utf-16") else "windows-1252")
    if declared is not None:
        return str(declared.name)
    text = body.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    return "windows-1252" if wrong and wrong > sum(not character.isascii() for character in text) - wrong else "utf-8"


def _decode(body: bytes, name: str) -> str:
    return str(webencodings.decode(body, name, errors="replace")[0])


def _charset_of(content_type: str) -> str:
    return content_type.lower().partition("charset=")[2].partition(";")[0].strip(" \t\"'")
