import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from email.utils import formatdate
from typing import Any

import brotli
import pytest

from scraping.errors import FetchError, StoppedError
from scraping.fetching.client import Fetcher, Limits
from tests.scraping.local_shop import Answer, LocalShop

QUICK = Limits(connect=2, read=2, request=2, patience=5, tries=3, first_wait=0.01, longest_wait=0.05)


def fetcher_for(shop: LocalShop, delay: float = 0.0, limits: Limits = QUICK) -> Fetcher:
    return Fetcher(f"{shop.url}/", user_agent="visual-recommender/1 (+me@example)", delay=delay, limits=limits)


@pytest.fixture
def fetcher(shop: LocalShop) -> Iterator[Fetcher]:
    fetcher = fetcher_for(shop)
    yield fetcher
    fetcher.close()


def reason(fetcher: Fetcher, url: str, max_bytes: int = 1000) -> str:
    with pytest.raises(FetchError) as caught:
        fetcher.get(url, max_bytes=max_bytes)
    return caught.value.reason


def test_a_page_comes_whole_and_we_say_who_asks(shop: LocalShop, fetcher: Fetcher) -> None:
    shop.routes["/a"] = Answer(b"hello")
    assert fetcher.get(f"{shop.url}/a", max_bytes=5).body == b"hello"
    assert {headers["User-Agent"] for headers in shop.headers} == {"visual-recommender/1 (+me@example)"}


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_passing_trouble_is_tried_again(shop: LocalShop, fetcher: Fetcher, status: int) -> None:
    shop.routes["/a"] = [Answer(b"busy", status), Answer(b"hello")]
    assert fetcher.get(f"{shop.url}/a", max_bytes=9).body == b"hello"


def test_lasting_trouble_ends_after_bounded_tries(shop: LocalShop, fetcher: Fetcher) -> None:
    shop.routes["/a"] = Answer(b"busy", 503)
    assert reason(fetcher, f"{shop.url}/a") == "HTTP 503 Service Unavailable"
    assert shop.count("/a") == 3


@pytest.mark.parametrize("status", [400, 403, 404, 410])
def test_a_refusal_is_not_tried_again(shop: LocalShop, fetcher: Fetcher, status: int) -> None:
    shop.routes["/a"] = Answer(b"no", status)
    assert reason(fetcher, f"{shop.url}/a").startswith(f"HTTP {status}")
    assert shop.count("/a") == 1


def test_retry_after_is_kept_to(shop: LocalShop, fetcher: Fetcher) -> None:
    shop.routes["/a"] = [Answer(b"", 429, {"Retry-After": "1"}), Answer(b"hello")]
    fetcher.get(f"{shop.url}/a", max_bytes=9)
    first, second = (at for path, at in zip(shop.asked, shop.times, strict=True) if path == "/a")
    assert second - first >= 0.95


@pytest.mark.parametrize("asked", ["3600", formatdate(4_000_000_000, usegmt=True)])
def test_a_retry_after_beyond_patience_is_not_waited_for(shop: LocalShop, fetcher: Fetcher, asked: str) -> None:
    shop.routes["/a"] = Answer(b"", 429, {"Retry-After": asked})
    assert reason(fetcher, f"{shop.url}/a") == "HTTP 429 Too Many Requests"
    assert shop.count("/a") == 1


def test_a_redirect_is_followed(shop: LocalShop, fetcher: Fetcher) -> None:
    shop.routes |= {"/a": Answer(status=302, headers={"Location": "b"}), "/b": Answer(b"hello")}
    assert fetcher.get(f"{shop.url}/a", max_bytes=9).url == f"{shop.url}/b"


def test_a_circle_of_redirects_ends_at_once(shop: LocalShop, fetcher: Fetcher) -> None:
    shop.routes["/a"] = Answer(status=302, headers={"Location": "/a"})
    assert reason(fetcher, f"{shop.url}/a") == "redirects in a circle"
    assert shop.count("/a") == 1


def test_an_endless_chain_of_redirects_ends(shop: LocalShop, fetcher: Fetcher) -> None:
    for at in range(9):
        shop.routes[f"/{at}"] = Answer(status=302, headers={"Location": f"/{at + 1}"})
    assert reason(fetcher, f"{shop.url}/0") == "redirects too often"


@pytest.mark.parametrize("target", ["file:///etc/passwd", "ftp://127.0.0.1/a"])
def test_only_the_web_is_followed(shop: LocalShop, fetcher: Fetcher, target: str) -> None:
    shop.routes["/a"] = Answer(status=302, headers={"Location": target})
    assert reason(fetcher, f"{shop.url}/a") == "not a web address"


def test_a_truncated_answer_is_tried_once_more(shop: LocalShop, fetcher: Fetcher) -> None:
    shop.routes["/a"] = Answer(b"hel", declared=5)
    assert reason(fetcher, f"{shop.url}/a") == "truncated"
    assert shop.count("/a") == 2


@pytest.mark.parametrize("declared", [None, 4000])
def test_more_than_the_limit_is_not_read(shop: LocalShop, fetcher: Fetcher, declared: int | None) -> None:
    shop.routes["/a"] = Answer(b"x" * 2000, declared=declared)
    assert reason(fetcher, f"{shop.url}/a") == "too large"


def test_a_shop_that_falls_silent_is_given_up(shop: LocalShop) -> None:
    hold = threading.Event()
    shop.routes["/a"] = Answer(b"late", hold=hold)
    fetcher = fetcher_for(shop, limits=Limits(read=0.1, tries=1))
    assert reason(fetcher, f"{shop.url}/a") == "no answer in time"
    hold.set()


def test_nobody_there() -> None:
    fetcher = Fetcher("http://127.0.0.1:9/", user_agent="t", delay=0, limits=QUICK)
    with pytest.raises(FetchError, match=r"robots.txt cannot be had: .*connection refused"):
        fetcher.get("http://127.0.0.1:9/a", max_bytes=9)


def test_robots_rules_are_kept(shop: LocalShop, fetcher: Fetcher) -> None:
    shop.routes["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /private/\nAllow: /private/open\n", kind="text/plain")
    shop.routes |= {"/private/open": Answer(b"hello"), "/private/a": Answer(b"secret")}
    assert reason(fetcher, f"{shop.url}/private/a") == "robots.txt forbids it"
    assert fetcher.get(f"{shop.url}/private/open", max_bytes=9).body == b"hello"
    assert shop.asked == ["/robots.txt", "/private/open"]


def test_a_redirect_into_a_forbidden_part_is_not_followed(shop: LocalShop, fetcher: Fetcher) -> None:
    shop.routes["/robots.txt"] = Answer(b"User-agent: *\nDisallow: /private/\n", kind="text/plain")
    shop.routes["/a"] = Answer(status=302, headers={"Location": "/private/a"})
    assert reason(fetcher, f"{shop.url}/a") == "robots.txt forbids it"
    assert shop.count("/private/a") == 0


def test_rules_for_our_own_name_win(shop: LocalShop, fetcher: Fetcher) -> None:
    shop.routes["/robots.txt"] = Answer(
        b"User-agent: *\nAllow: /\n\nUser-agent: visual-recommender\nDisallow: /\n", kind="text/plain"
    )
    assert reason(fetcher, f"{shop.url}/a") == "robots.txt forbids it"


@pytest.mark.parametrize("status", [401, 403, 404])
def test_no_robots_allows_everything(shop: LocalShop, fetcher: Fetcher, status: int) -> None:
    shop.routes |= {"/robots.txt": Answer(b"", status), "/a": Answer(b"hello")}
    assert fetcher.get(f"{shop.url}/a", max_bytes=9).body == b"hello"


def test_robots_that_cannot_be_had_keep_us_out(shop: LocalShop, fetcher: Fetcher) -> None:
    shop.routes |= {"/robots.txt": Answer(b"", 503), "/a": Answer(b"hello")}
    assert reason(fetcher, f"{shop.url}/a") == "robots.txt cannot be had"
    assert shop.count("/a") == 0


@pytest.mark.parametrize(("ours", "theirs", "between"), [(0.0, 0.15, 0.15), (0.2, 0.05, 0.2)])
def test_the_longer_delay_lies_between_requests_across_threads(
    shop: LocalShop, ours: float, theirs: float, between: float
) -> None:
    shop.routes |= {"/robots.txt": Answer(f"User-agent: *\nCrawl-delay: {theirs}\n".encode()), "/a": Answer(b"hello")}
    fetcher = fetcher_for(shop, delay=ours)
    fetcher.get(f"{shop.url}/a", max_bytes=9)
    threads = [threading.Thread(target=fetcher.get, args=(f"{shop.url}/a",), kwargs={"max_bytes": 9}) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    times = [at for path, at in zip(shop.asked, shop.times, strict=True) if path == "/a"]
    assert len(times) == 4
    assert times[-1] - times[0] >= 3 * between - 0.05
    assert fetcher.delay_for(f"{shop.url}/a") == between


def test_a_stop_ends_waiting(shop: LocalShop) -> None:
    shop.routes["/a"] = Answer(b"hello")
    fetcher = fetcher_for(shop, delay=60)
    threading.Timer(0.1, fetcher.stop.set).start()
    with pytest.raises(StoppedError):
        fetcher.get(f"{shop.url}/a", max_bytes=9)


def test_a_public_shop_cannot_send_us_home(shop: LocalShop) -> None:
    fetcher = Fetcher("http://93.184.215.14/", user_agent="t", delay=0, limits=QUICK)
    with pytest.raises(FetchError, match="private network"):
        fetcher.get(f"{shop.url}/a", max_bytes=9)
    assert shop.asked == []


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """Names and the addresses that they resolve to, one list for each time they are asked for; the last stays."""
    names: dict[str, list[list[str]]] = {}
    resolve: Callable[..., Any] = socket.getaddrinfo

    def getaddrinfo(host: str, port: int, *args: int, **kwargs: int) -> Any:
        if host not in names:
            return resolve(host, port, *args, **kwargs)
        answers = names[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    return names


def test_one_private_address_of_a_name_does_not_open_the_network(shop: LocalShop, names: dict[str, list[list[str]]]) -> None:
    names["shop.example"] = [["127.0.0.1", "192.0.2.1"]]
    start = shop.url.replace("127.0.0.1", "shop.example")
    fetcher = Fetcher(start, user_agent="t", delay=0, limits=QUICK)
    with pytest.raises(FetchError, match=r"private network: shop\.example is 127\.0\.0\.1.*--allow-private-host"):
        fetcher.get(f"{start}/a", max_bytes=9)
    assert shop.asked == []


def test_a_name_of_one_s_own_network_is_asked_when_that_is_allowed(shop: LocalShop, names: dict[str, list[list[str]]]) -> None:
    names["shop.example"] = names["other.example"] = [["127.0.0.1"]]
    start = shop.url.replace("127.0.0.1", "shop.example")
    shop.routes |= {"/a": Answer(b"hello"), "/b": Answer(status=302, headers={"Location": start.replace("shop.", "other.")})}
    fetcher = Fetcher(start, user_agent="t", delay=0, limits=QUICK, allow_private=True)
    assert fetcher.get(f"{start}/a", max_bytes=9).body == b"hello"
    with pytest.raises(FetchError, match=r"private network: other\.example"):
        fetcher.get(f"{start}/b", max_bytes=9)


@pytest.mark.parametrize(
    "answers",
    [[["93.184.215.14"], ["127.0.0.1"]], [["127.0.0.1", "93.184.215.14"]]],
    ids=["a name that changes its mind", "a name with a private address too"],
)
def test_the_connection_goes_to_the_address_that_was_judged(
    shop: LocalShop, names: dict[str, list[list[str]]], monkeypatch: pytest.MonkeyPatch, answers: list[list[str]]
) -> None:
    names["shop.example"] = answers
    reached: list[str] = []

    def connect(address: tuple[str, int], *_: object, **__: object) -> socket.socket:
        reached.append(address[0])
        raise ConnectionRefusedError("Connection refused")

    monkeypatch.setattr("scraping.fetching.addresses.create_connection", connect)
    start = shop.url.replace("127.0.0.1", "shop.example")
    fetcher = Fetcher(start, user_agent="t", delay=0, limits=Limits(tries=1))
    with pytest.raises(FetchError, match="connection refused"):
        fetcher.get(f"{start}/a", max_bytes=9)
    assert reached == ["93.184.215.14"]


def test_a_proxy_of_the_environment_is_not_used(shop: LocalShop, fetcher: Fetcher, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    shop.routes["/a"] = Answer(b"hello")
    assert fetcher.get(f"{shop.url}/a", max_bytes=9).body == b"hello"


def test_shopify_s_slow_down_is_waited_for(shop: LocalShop, fetcher: Fetcher) -> None:
    shop.routes["/a"] = [Answer(b"", 430), Answer(b"hello")]
    assert fetcher.get(f"{shop.url}/a", max_bytes=9).body == b"hello"
    shop.routes["/a"] = Answer(b"", 430)
    assert reason(fetcher, f"{shop.url}/a") == "HTTP 430 Slow Down"


def test_a_long_robots_txt_is_read_as_far_as_it_must_be(shop: LocalShop, fetcher: Fetcher) -> None:
    rules = b"User-agent: *\nDisallow: /private\n" + b"# filler\n" * 100_000
    shop.routes |= {"/robots.txt": Answer(rules, kind="text/plain"), "/a": Answer(b"hello"), "/private": Answer(b"x")}
    assert fetcher.get(f"{shop.url}/a", max_bytes=9).body == b"hello"
    assert reason(fetcher, f"{shop.url}/private") == "robots.txt forbids it"


def test_an_absurd_crawl_delay_is_answered_in_one_line(shop: LocalShop, fetcher: Fetcher) -> None:
    shop.routes["/robots.txt"] = Answer(b"User-agent: *\nCrawl-delay: 86400\n", kind="text/plain")
    with pytest.raises(FetchError, match=r"too long a pause: .* asks for 86,400 s: its owner can give") as caught:
        fetcher.get(f"{shop.url}/a", max_bytes=9)
    assert "\n" not in str(caught.value)


def test_a_host_that_keeps_failing_is_left_alone(shop: LocalShop) -> None:
    shop.routes["/a"] = Answer(b"busy", 503)
    fetcher = fetcher_for(shop, limits=Limits(tries=1, failures=2))
    told = [reason(fetcher, f"{shop.url}/a") for _ in range(4)]
    assert told == ["HTTP 503 Service Unavailable"] * 2 + ["the host keeps failing"] * 2
    assert shop.count("/a") == 2


def test_a_page_that_the_shop_refuses_is_no_failing_host(shop: LocalShop) -> None:
    fetcher = fetcher_for(shop, limits=Limits(tries=1, failures=2))
    assert {reason(fetcher, f"{shop.url}/none") for _ in range(4)} == {"HTTP 404 Not Found"}


@pytest.mark.parametrize("url", ["http://[x/a", "http://127.0.0.1:99999/a", "http:///a", "/a", "http://\ud800/"])
def test_what_is_no_address(fetcher: Fetcher, url: str) -> None:
    assert reason(fetcher, url)


@pytest.mark.parametrize(("answer", "certain"), [
    (Answer(b"hello"), True), (Answer(b"hello", chunked=True), True), (Answer(b"hello", closes=True), False),
    (Answer(gzip.compress(b"hello"), headers={"Content-Encoding": "gzip"}, closes=True), True),
    (Answer(brotli.compress(b"hello"), headers={"Content-Encoding": "br"}, closes=True), True),
])  # fmt: skip
def test_whether_the_end_of_a_body_is_certain(shop: LocalShop, fetcher: Fetcher, answer: Answer, certain: bool) -> None:
    shop.routes["/a"] = answer
    fetched = fetcher.get(f"{shop.url}/a", max_bytes=9)
    assert (fetched.body, fetched.end_is_certain) == (b"hello", certain)


def test_a_proxy_that_is_not_used_is_named_when_nobody_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.example:3128")
    fetcher = Fetcher("http://127.0.0.1:9/", user_agent="t", delay=0, limits=QUICK)
    with pytest.raises(FetchError, match="connection refused; the environment's https_proxy is not used"):
        fetcher.get("http://127.0.0.1:9/a", max_bytes=9)
