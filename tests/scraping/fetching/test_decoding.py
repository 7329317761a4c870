import gzip
import zlib

import brotli
import pytest

from scraping.errors import FetchError
from scraping.fetching.decoding import DecodingError, decode_text, decoder_for

PAGE = b"<html>" + bytes(range(256)) * 40 + b"</html>"
BARE = zlib.compressobj(wbits=-zlib.MAX_WBITS)
STREAMS = [
    ("gzip", gzip.compress(PAGE)),
    ("x-gzip", gzip.compress(PAGE[:99]) + gzip.compress(PAGE[99:])),
    ("deflate", zlib.compress(PAGE)),
    ("deflate", BARE.compress(PAGE) + BARE.flush()),
    ("br", brotli.compress(PAGE)),
    ("gzip, br", brotli.compress(gzip.compress(PAGE))),
]


@pytest.mark.parametrize(("encoding", "stream"), STREAMS)
@pytest.mark.parametrize("piece", [1, 7, 10**6])
def test_what_was_encoded_comes_out(encoding: str, stream: bytes, piece: int) -> None:
    decoder = decoder_for(encoding)
    assert decoder is not None
    out = b"".join(decoder.decode(stream[start : start + piece], 10**6) for start in range(0, len(stream), piece))
    assert out == PAGE
    assert decoder.finished


@pytest.mark.parametrize(("encoding", "stream"), STREAMS)
def test_a_stream_that_breaks_off_is_not_finished(encoding: str, stream: bytes) -> None:
    decoder = decoder_for(encoding)
    assert decoder is not None
    decoder.decode(stream[:-3], 10**6)
    assert not decoder.finished


@pytest.mark.parametrize(
    ("encoding", "stream"),
    [("gzip", gzip.compress(bytes(10**7))), ("deflate", zlib.compress(bytes(10**7))), ("br", brotli.compress(bytes(10**7)))],
)
def test_a_bomb_stops_soon_after_the_limit(encoding: str, stream: bytes) -> None:
    decoder = decoder_for(encoding)
    assert decoder is not None
    assert 1000 < len(decoder.decode(stream, 1000)) <= 1 << 16


def test_what_follows_a_gzip_is_passed_over() -> None:
    decoder = decoder_for("gzip")
    assert decoder is not None
    assert decoder.decode(gzip.compress(b"page") + b"\r\n", 99) == b"page"


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br"])
def test_bytes_that_are_not_so_encoded(encoding: str) -> None:
    decoder = decoder_for(encoding)
    assert decoder is not None
    with pytest.raises(DecodingError):
        decoder.decode(b"<html>" * 100, 10**6)


@pytest.mark.parametrize("encoding", ["", "identity", "none", "UTF-8"])
def test_nothing_to_undo(encoding: str) -> None:
    assert decoder_for(encoding) is None


@pytest.mark.parametrize("encoding", ["zstd", "compress", "gzip, gzip, gzip, gzip"])
def test_an_encoding_that_is_not_understood_is_named(encoding: str) -> None:
    with pytest.raises(FetchError, match=f"not understood: the shop answers in {encoding}"):
        decoder_for(encoding)


@pytest.mark.parametrize(
    ("kind", "body", "text"),
    [
        ("text/html; charset=iso-8859-1", b"\x80 5 \x96 \x93a\x94", "€ 5 – “a”"),  # noqa: RUF100
        ("text/html; charset=gb2312", "〇镕".encode("gbk"), "〇镕"),
        ("text/html; charset=Shift_JIS", "①髙".encode("cp932"), "①髙"),
        ("text/html; charset=x-sjis", "①髙".encode("cp932"), "①髙"),
        ("text/html; charset=euc-kr", "뷁".encode("cp949"), "뷁"),
        ("text/html; charset=windows-1251", b"\xef\xbb\xbf" + "Майка".encode(), "Майка"),
        ("text/html; charset=utf-8", b"\xff\xfe" + "Майка".encode("utf-16-le"), "Майка"),
        ("text/html", b"<meta charset=utf-16>" + "Майка".encode(), "<meta charset=utf-16>Майка"),
        ("text/html", "<meta charset='latin1'>€".encode("cp1252"), "<meta charset='latin1'>€"),
        ("text/html; charset=undefined", "Майка".encode(), "Майка"),
        ("text/html; charset=utf-7", b"+AGE-", "+AGE-"),
        ("", "Prix réduit à 5 €".encode("cp1252"), "Prix réduit à 5 €"),
    ],
)
def test_text_as_browsers_read_it(kind: str, body: bytes, text: str) -> None:
    assert decode_text(body, kind) == text


def test_a_meta_counts_in_markup_only() -> None:
    assert decode_text("<meta charset='windows-1251'>é".encode(), is_markup=False).endswith("é")
