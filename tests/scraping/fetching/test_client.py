import threading
from collections.abc import Iterator
from email.utils import formatdate

import pytest

from scraping.errors import FetchError, StoppedError
from scraping.fetching.client import Fetcher, Limits
from tests.scraping.local_shop import Answer, LocalShop

QUICK = Limits(connect=2, read=2, transfer=2, patience=5, tries=3, first_wait=0.01, longest_wait=0.05)


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
    assert 0.95 <= second - first < 3


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
