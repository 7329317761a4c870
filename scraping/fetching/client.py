"""Polite HTTP: one door for every request, be it a page, a picture or robots.txt.

Each request names itself, keeps to robots.txt, waits its host's turn, follows few redirects, reads no more than asked, and
gives up within a bounded time. Trouble that may pass (429, 5xx, a broken connection) is tried again, as late as the shop asks.
"""

import os
import random
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import IO, Final
from urllib.parse import urljoin, urlsplit

import requests
import urllib3

from scraping.errors import FetchError
from scraping.fetching.addresses import GuardedAdapter, PrivateAddressError, is_private_literal
from scraping.fetching.body import read_body
from scraping.fetching.bounds import Bounds, bounded
from scraping.fetching.decoding import ACCEPT_ENCODING
from scraping.fetching.failures import TransientError, connection_reason, raise_for_status
from scraping.fetching.pacing import CircuitBreaker, Pacer
from scraping.fetching.robots import AGENT, LONGEST_CRAWL_DELAY, ROBOTS_BYTES, Robots, parse_robots

PAGE_TYPES: Final = "text/html,application/xhtml+xml,application/json;q=0.9,*/*;q=0.5"
_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_OVERHEAD: Final = 1 << 20  # bytes of headers, chunk sizes and the like that an answer may have beside its body


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds on one download. Seconds, bytes and counts.

    request: from connecting to the last byte, however it drips. patience: all waits between tries together. failures: as many
    in a row, and a host is left alone for `rest` seconds.
    """

    connect: float = 10.0
    read: float = 20.0
    request: float = 120.0
    patience: float = 120.0
    tries: int = 5
    redirects: int = 5
    first_wait: float = 0.5
    longest_wait: float = 30.0
    failures: int = 5
    rest: float = 60.0


@dataclass(frozen=True, slots=True)
class Fetched:
    """An answer: the URL that gave it, status 200 or 304, headers by lower-case name, and the body, decoded
    (empty where it went to a file).

    end_is_certain: a length, chunks or the end of a compressed stream prove that the body is complete; without them it ended
    because the connection did.
    """

    url: str
    status: int
    headers: Mapping[str, str]
    body: bytes
    end_is_certain: bool = True


class Fetcher:
    """Fetches for one run. Safe to call from several threads; `stop`, once set, ends every wait with StoppedError.

    Hosts at private addresses are not asked, but for `start_url`'s own where it is a private address or `localhost` itself, or
    where `allow_private` is set: a shop on the open internet has no business sending us into this machine's network.
    """

    def __init__(
        self,
        start_url: str,
        *,
        user_agent: str,
        delay: float,
        limits: Limits | None = None,
        stop: threading.Event | None = None,
        allow_private: bool = False,
    ) -> None:
        self.limits = limits or Limits()
        self.stop = stop or threading.Event()
        self._agent = user_agent
        self._delay = delay
        self._pacer = Pacer(self.stop)
        self._breaker = CircuitBreaker(self.limits.failures, self.limits.rest)
        self._robots: dict[str, Robots | FetchError] = {}
        self._robots_locks: dict[str, threading.Lock] = {}
        self._lock = threading.Lock()
        self._local = threading.local()
        self._sessions: list[requests.Session] = []
        host = (urlsplit(start_url).hostname or "").rstrip(".")
        self._private_host = host if allow_private or is_private_literal(host) else ""

    def close(self) -> None:
        """Close every connection."""
        with self._lock:
            for session in self._sessions:
                session.close()

    def get(
        self,
        url: str,
        *,
        max_bytes: int,
        accept: str = PAGE_TYPES,
        headers: Mapping[str, str] | None = None,
        into: IO[bytes] | None = None,
    ) -> Fetched:
        """Fetch `url`; raise FetchError with a countable reason, or StoppedError. With `into` the body goes to that file."""
        host = _host(url)
        self._breaker.check(host)
        try:
            answer = self._get_with_retries(url, max_bytes, {"Accept": accept, **(headers or {})}, into=into)
        except TransientError as error:
            self._breaker.note(host, failed=error.reason != "truncated")
            raise FetchError(error.reason, error.detail) from None
        self._breaker.note(host, failed=False)
        return answer

    def delay_for(self, url: str) -> float:
        """The least seconds between the starts of two requests to this URL's host: ours, or its robots.txt's, if longer."""
        return max(self._delay, self._robots_of(url).crawl_delay)

    def _get_with_retries(
        self,
        url: str,
        max_bytes: int,
        headers: Mapping[str, str],
        *,
        ask_robots: bool = True,
        into: IO[bytes] | None = None,
    ) -> Fetched:
        """Fetch `url`; raises TransientError once no further try is worth it, FetchError for lasting trouble."""
        waited, tried = 0.0, 0
        while True:
            tried += 1
            try:
                return self._follow_redirects(url, max_bytes, headers, ask_robots=ask_robots, into=into)
            except TransientError as trouble:
                wait = trouble.wait
                if wait is None:
                    wait = min(self.limits.longest_wait, self.limits.first_wait * 2 ** (tried - 1))
                    wait *= random.uniform(0.75, 1.25)  # noqa: S311  (spreads retries, keeps no secret)
                if tried >= min(self.limits.tries, trouble.tries or self.limits.tries):
                    raise TransientError(trouble.reason, f"{trouble.detail} after {tried} tries".strip()) from None
                if waited + wait > self.limits.patience:
                    raise TransientError(trouble.reason, f"the shop asks to wait {wait:.0f} s: run again later") from None
                waited += wait
                if trouble.wait is not None:
                    self._pacer.hold(_host(url), wait)
                else:
                    self._pacer.sleep(wait)

    def _follow_redirects(
        self, url: str, max_bytes: int, headers: Mapping[str, str], *, ask_robots: bool, into: IO[bytes] | None
    ) -> Fetched:
        seen = {url}
        for _ in range(self.limits.redirects + 1):
            _check_scheme(url)
            delay = self._delay
            if ask_robots:
                robots = self._robots_of(url)
                delay = max(delay, robots.crawl_delay)
                if not robots.allows(url):
                    raise FetchError("robots.txt forbids it", f"{_host(url)} asks programs to leave {url} alone")
            self._pacer.wait_turn(_host(url), delay)
            # A robots.txt that is too long is read as far as it must be; anything else that is too long is refused.
            answer = self._send(url, max_bytes, headers, cut=not ask_robots, into=into)
            if isinstance(answer, Fetched):
                return answer
            target, has_cookies = answer
            if target in seen and not has_cookies:
                raise FetchError("redirects in a circle", target)
            seen.add(target)
            url = target
        raise FetchError("redirects too often", f"more than {self.limits.redirects} times, last to {url}")

    def _send(
        self, url: str, max_bytes: int, headers: Mapping[str, str], *, cut: bool, into: IO[bytes] | None
    ) -> Fetched | tuple[str, bool]:
        """One request: an answer, or where it redirects to and whether cookies came along."""
        session, limits = self._session(), self.limits
        bounds = Bounds(limits.request, limits.read, 2 * max_bytes + _OVERHEAD, self._private_host)
        try:
            with (
                bounded(bounds),
                session.get(
                    url, headers=dict(headers), stream=True, allow_redirects=False, timeout=(limits.connect, limits.read)
                ) as response,
            ):
                is_error = response.status_code not in {HTTPStatus.OK, HTTPStatus.NOT_MODIFIED}
                self._pacer.note_latency(_host(url), response.elapsed.total_seconds(), is_error=is_error)
                if response.status_code in _REDIRECTS:
                    location = session.get_redirect_target(response)
                    if not location:
                        raise FetchError("redirects nowhere", f"{response.status_code} without a Location")
                    return urljoin(url, location), bool(response.cookies)
                raise_for_status(response)
                plain = {name.lower(): value for name, value in response.headers.items()}
                if response.status_code == HTTPStatus.NOT_MODIFIED:
                    return Fetched(url, response.status_code, plain, b"")
                return Fetched(url, response.status_code, plain, *read_body(response, max_bytes, self.stop, cut=cut, into=into))
        except PrivateAddressError as error:
            detail = f"{error}; --allow-private-host lets in a SOURCE of your own network"
            raise FetchError("leads into a private network", detail) from None
        except (requests.Timeout, urllib3.exceptions.TimeoutError):
            raise TransientError("no answer in time") from None
        except (requests.exceptions.InvalidURL, requests.exceptions.InvalidSchema, UnicodeError, ValueError):
            raise FetchError("not a URL that can be fetched", url) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            raise TransientError("connection failed", connection_reason(error), tries=4) from None

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
            answer = self._get_with_retries(
                f"{origin}/robots.txt", ROBOTS_BYTES, {"Accept": "text/plain,*/*;q=0.5"}, ask_robots=False
            )
        except FetchError as error:
            if error.reason.startswith("HTTP 4") and not error.reason.startswith("HTTP 429"):
                return Robots()
            return FetchError("robots.txt cannot be had", f"{origin}/robots.txt: {error}")
        robots = parse_robots(answer.body)
        if robots.crawl_delay > LONGEST_CRAWL_DELAY:
            detail = f"{origin} asks for {robots.crawl_delay:,g} s: its owner can give {AGENT} a shorter Crawl-delay there"
            return FetchError("robots.txt asks for too long a pause", detail)
        return robots

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = requests.Session()
            # Proxies and passwords (.netrc) of the environment are left alone; only its certificates are taken.
            session.trust_env = False
            session.verify = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE") or True
            session.headers["User-Agent"] = self._agent
            session.headers["Accept-Encoding"] = ACCEPT_ENCODING
            adapter = GuardedAdapter()
            session.mount("http://", adapter)
            session.mount("https://", adapter)
            self._local.session = session
            with self._lock:
                self._sessions.append(session)
        return session


def _check_scheme(url: str) -> None:
    if urlsplit(url).scheme not in {"http", "https"}:
        raise FetchError("not a web address", url)


def _host(url: str) -> str:
    """Host and port; raises FetchError for what is no URL."""
    try:
        parts = urlsplit(url)
        _ = parts.port
        return parts.netloc.lower()
    except ValueError:
        raise FetchError("not a URL that can be fetched", url) from None
