"""Reading the body of an answer: bounded, decoded, and with proof of its end where there is one."""

import io
import threading
from typing import IO, Final

import requests
import urllib3

from scraping.errors import FetchError, StoppedError
from scraping.fetching.decoding import DecodingError, decoder_for
from scraping.fetching.failures import TransientError

_CHUNK: Final = 1 << 16


def read_body(
    response: requests.Response, max_bytes: int, stop: threading.Event, *, cut: bool, into: IO[bytes] | None
) -> tuple[bytes, bool]:
    """The decoded body, empty where it went `into` a file, and whether its end is certain.

    With `cut` one that is too long is read so far and no further. Raises FetchError, TransientError where another try may help,
    and StoppedError once `stop` is set.
    """
    stated = response.headers.get("Content-Length", "")
    length = int(stated) if stated.isascii() and stated.isdecimal() and len(stated) < 16 else None
    if length is not None and length > max_bytes and not cut:
        raise FetchError("too large", f"{length:,} bytes, the limit is {max_bytes:,}")
    encoding = response.headers.get("Content-Encoding", "")
    decoder = decoder_for(encoding)
    received, size, body = 0, 0, into or io.BytesIO()
    body.seek(0)
    body.truncate()  # what an earlier try left
    try:
        # read1 gives what has come; read would wait for a whole chunk, and a stop would not be heeded meanwhile.
        while piece := response.raw.read1(_CHUNK, decode_content=False):
            received += len(piece)
            size += body.write(decoder.decode(piece, max_bytes - size) if decoder else piece)
            if size > max_bytes:
                if cut:
                    body.seek(0)
                    return body.read(max_bytes), False
                raise FetchError("too large", f"more than {max_bytes:,} bytes")
            if stop.is_set():
                raise StoppedError("stopped")
    except DecodingError as error:
        raise FetchError("cannot be decoded", f"it is not the {encoding} that it is called: {error}") from None
    except urllib3.exceptions.TimeoutError:
        raise
    except (urllib3.exceptions.IncompleteRead, urllib3.exceptions.ProtocolError):
        of = f" of {length:,}" if length is not None else ""
        raise TransientError("truncated", f"{received:,}{of} bytes came", tries=2) from None
    if decoder and received and not decoder.finished:
        raise TransientError("truncated", f"the {encoding} stream of {received:,} bytes has no end", tries=2)
    is_chunked = "chunked" in response.headers.get("Transfer-Encoding", "").lower()
    content = body.getvalue() if isinstance(body, io.BytesIO) else b""
    return content, length is not None or is_chunked or decoder is not None
