"""Polite HTTP: one door for every request, be it a page, a picture or robots.txt.

Each request names itself, keeps to robots.txt, waits its host's turn, follows few redirects, reads no more than asked, and
gives up within a bounded time. Trouble that may pass (429, 5xx, a broken connection) is tried again, as late as the shop asks.
"""

import random
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from scraping.errors import FetchError, StoppedError
from scraping.fetching.addresses import GuardedAdapter, PrivateAddressError, is_public_host
from scraping.fetching.pacing import Pacer, retry_after
from scraping.fetching.robots import Robots, parse_robots

PAGE_TYPES: Final = "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.5"
_PASSING: Final = frozenset({408, 429, 500, 502, 503, 504})
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_CHUNK: Final = 1 << 16
ROBOTS_BYTES: Final = 512_000


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one download. Seconds, bytes and counts; `patience` bounds all waits between tries together."""

    connect: float = 10.0
    read: float = 20.0
    transfer: float = 120.0
    patience: float = 120.0
    tries: int = 5
    redirects: int = 5
    first_wait: float = 0.5
    longest_wait: float = 30.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: the URL that gave it, status 200 or 304, headers by lower-case name, and the whole body."""

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class _PassingError(FetchError):
    """Trouble that another try may not meet. `wait`: seconds that the shop asked for, None when it did not."""

    def __init__(self, reason: str, detail: str = "", wait: float | None = None, tries: int | None = None) -> None:
        super().__init__(reason, detail)
        self.wait = wait
        self.tries = tries


class Fetcher:
    """Fetches for one run. Safe to call from several threads; `stop`, once set, ends every wait with StoppedError."""

    def __init__(
        self,
        start_url: str,
        *,
        user_agent: str,
        delay: float,
        limits: Limits | None = None,
        stop: threading.Event | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.stop = stop or threading.Event()
        self._agent = user_agent
        self._delay = delay
        self._pacer = Pacer(self.stop)
        self._robots: dict[str, Robots | FetchError] = {}
        self._robots_locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        # A shop on the open internet has no business sending us into the network that this machine stands in.
        self._public_only = is_public_host(urlsplit(start_url).hostname or "")

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for session in self._sessions:
                session.close()

    def get(self, url: str, *, max_bytes: int, accept: str = PAGE_TYPES, headers: Mapping[str, str] | None = None) -> Fetched:
        """Fetch `url`; raise FetchError with a countable reason, or StoppedError."""
        return self._persistently(url, max_bytes, {"Accept": accept, **(headers or {})}, ask_robots=True)

    def delay_for(self, url: str) -> float:
        """Seconds between the starts of two requests to this URL's host: ours or the one its robots.txt asks for, if longer."""
        return max(self._delay, self._robots_of(url).crawl_delay)

    def _persistently(self, url: str, max_bytes: int, headers: Mapping[str, str], *, ask_robots: bool) -> Fetched:
        waited, tried = 0.0, 0
        while True:
            tried += 1
            try:
                return self._following(url, max_bytes, headers, ask_robots=ask_robots)
            except _PassingError as trouble:
                wait = trouble.wait
                if wait is None:
                    wait = min(self.limits.longest_wait, self.limits.first_wait * 2 ** (tried - 1))
                    wait *= random.uniform(0.75, 1.25)  # noqa: S311  (spreads retries, keeps no secret)
                if tried >= min(self.limits.tries, trouble.tries or self.limits.tries):
                    raise FetchError(trouble.reason, f"{trouble.detail} after {tried} tries".strip()) from None
                if waited + wait > self.limits.patience:
                    raise FetchError(trouble.reason, f"the shop asks to wait {wait:.0f} s: run again later") from None
                waited += wait
                if trouble.wait is not None:
                    self._pacer.hold(_host(url), wait)
                else:
                    self._pacer.sleep(wait)

    def _following(self, url: str, max_bytes: int, headers: Mapping[str, str], *, ask_robots: bool) -> Fetched:
        seen = {url}
        for _ in range(self.limits.redirects + 1):
            _check_scheme(url)
            delay = self._delay
            if ask_robots:
                robots = self._robots_of(url)
                delay = max(delay, robots.crawl_delay)
                if not robots.allows(url):
                    raise FetchError("robots.txt forbids it", f"{_host(url)} asks programs to leave {url} alone")
            self._pacer.turn(_host(url), delay)
            answer = self._once(url, max_bytes, headers)
            if isinstance(answer, Fetched):
                return answer
            target, has_cookies = answer
            if target in seen and not has_cookies:
                raise FetchError("redirects in a circle", target)
            seen.add(target)
            url = target
        raise FetchError("redirects too often", f"more than {self.limits.redirects} times, last to {url}")

    def _once(self, url: str, max_bytes: int, headers: Mapping[str, str]) -> Fetched | tuple[str, bool]:
        """One request: an answer, or where it redirects to and whether cookies came along."""
        session = self._session()
        try:
            with session.get(
                url, headers=dict(headers), stream=True, allow_redirects=False, timeout=(self.limits.connect, self.limits.read)
            ) as response:
                if response.status_code in _REDIRECTS:
                    location = session.get_redirect_target(response)
                    if not location:
                        raise FetchError("redirects nowhere", f"{response.status_code} without a Location")
                    return urljoin(url, location), bool(response.cookies)
                _raise_for_status(response)
                body = b"" if response.status_code == HTTPStatus.NOT_MODIFIED else self._read(response, max_bytes)
                plain = {name.lower(): value for name, value in response.headers.items()}
                return Fetched(url, response.status_code, plain, body)
        except PrivateAddressError as error:
            raise FetchError("leads into a private network", str(error)) from None
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            raise _PassingError("no answer in time") from None
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, UnicodeError, ValueError):
            raise FetchError("not a URL that can be fetched", url) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise _PassingError("connection failed", _plain(error), tries=4) from None

    def _read(self, response: requests.Response, max_bytes: int) -> bytes:
        declared = response.headers.get("Content-Length", "")
        if declared.isdecimal() and int(declared) > max_bytes:
            raise FetchError("too large", f"{int(declared):,} bytes, the limit is {max_bytes:,}")
        until = time.monotonic() + self.limits.transfer
        body = bytearray()
        try:
            # read1 gives what has come; read would wait for a whole chunk, and a drip of bytes would outlast every limit.
            while piece := response.raw.read1(_CHUNK, decode_content=True):
                body += piece
                if len(body) > max_bytes:
                    raise FetchError("too large", f"more than {max_bytes:,} bytes")
                if time.monotonic() > until:
                    raise FetchError("no answer in time", f"not whole after {self.limits.transfer:.0f} s")
                if self.stop.is_set():
                    raise StoppedError("stopped")
        except (urllib3.exceptions.IncompleteRead, urllib3.exceptions.ProtocolError, urllib3.exceptions.DecodeError) as error:
            if isinstance(error, urllib3.exceptions.TimeoutError):
                raise
            of = f" of {int(declared):,}" if declared.isdecimal() else ""
            raise _PassingError("truncated", f"{len(body):,}{of} bytes came", tries=2) from None
        return bytes(body)

    def _robots_of(self, url: str) -> Robots:
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url))
        with self._lock:
            lock = self._robots_locks.setdefault(origin, threading.Lock())
        with lock:
            if origin not in self._robots:
                self._robots[origin] = self._fetch_robots(origin)
            known = self._robots[origin]
        if isinstance(known, FetchError):
            raise known
        return known

    def _fetch_robots(self, origin: str) -> Robots | FetchError:
        """Rules as RFC 9309 has them: none where the file is refused or missing (4xx), no visit while it cannot be had."""
        try:
            answer = self._persistently(
                f"{origin}/robots.txt", ROBOTS_BYTES, {"Accept": "text/plain,*/*;q=0.5"}, ask_robots=False
            )
        except FetchError as error:
            if error.reason.startswith("HTTP 4") and not error.reason.startswith("HTTP 429"):
                return Robots()
            return FetchError("robots.txt cannot be had", f"{origin}/robots.txt: {error}")
        return parse_robots(answer.body.decode("utf-8", "replace"))

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            session.headers["User-Agent"] = self._agent
            session.headers["Accept-Encoding"] = "gzip, deflate"
            adapter = GuardedAdapter(self._public_only)
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            self._local.session = session
            with self._lock:
                self._sessions.append(session)
        return session


def _raise_for_status(response: requests.Response) -> None:
    status = response.status_code
    if status in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED):
        return
    reason = f"HTTP {status} {HTTPStatus(status).phrase}" if status in set(HTTPStatus) else f"HTTP {status}"
    if status in _PASSING:
        raise _PassingError(reason, wait=retry_after(response.headers.get("Retry-After", "")))
    raise FetchError(reason)


def _check_scheme(url: str) -> None:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise FetchError("not a web address", url)


def _host(url: str) -> str:
    return urlsplit(url).netloc.lower()


def _plain(error: Exception) -> str:
    """The last and most telling part of a chain of wrapped connection errors."""
    text = str(error)
    for marker, plain in (
        ("NameResolutionError", "its name is not known"),
        ("Connection refused", "connection refused"),
        ("CERTIFICATE_VERIFY_FAILED", "its certificate is not valid"),
        ("Network is unreachable", "the network is unreachable"),
        ("RemoteDisconnected", "closed without an answer"),
        ("Connection reset", "connection reset"),
    ):
        if marker in text:
            return plain
    return text.rsplit(": ", 1)[-1].strip("()'\" ")[:200]
