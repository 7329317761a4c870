import threading

import pytest

from scraping.errors import FetchError
from scraping.fetching.pacing import LONGEST_THROTTLE, CircuitBreaker, Pacer, retry_after


def test_the_pause_follows_the_latency_of_the_host() -> None:
    pacer = Pacer(threading.Event())
    pacer.note_latency("slow", 2.0, is_error=False)
    assert pacer.throttle_of("slow") == 2.0
    pacer.note_latency("slow", 1.0, is_error=False)
    assert pacer.throttle_of("slow") == 1.5
    pacer.note_latency("slow", 4.0, is_error=False)
    assert pacer.throttle_of("slow") == 4.0
    assert pacer.throttle_of("other") == 0.0


def test_an_error_never_speeds_up() -> None:
    pacer = Pacer(threading.Event())
    pacer.note_latency("h", 2.0, is_error=False)
    pacer.note_latency("h", 0.1, is_error=True)
    assert pacer.throttle_of("h") == 2.0
    pacer.note_latency("h", 3.0, is_error=True)
    assert pacer.throttle_of("h") == 3.0


def test_a_host_that_hangs_does_not_stop_the_run() -> None:
    pacer = Pacer(threading.Event())
    pacer.note_latency("h", 1000.0, is_error=False)
    assert pacer.throttle_of("h") == LONGEST_THROTTLE


def test_the_pause_is_kept_between_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("scraping.fetching.pacing.time.monotonic", lambda: 100.0)
    pacer = Pacer(threading.Event())
    monkeypatch.setattr(pacer, "sleep", waits.append)
    pacer.note_latency("h", 3.0, is_error=False)
    for _ in range(3):
        pacer.wait_turn("h", 0.5)
    assert waits == [0.0, 3.0, 6.0]


def test_a_host_that_fails_in_a_row_is_left_alone_ever_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("scraping.fetching.pacing.time.monotonic", lambda: now[0])
    breaker = CircuitBreaker(failures=2, rest=60)
    breaker.note("h", failed=True)
    breaker.check("h")
    breaker.note("h", failed=True)
    with pytest.raises(FetchError, match=r"keeps failing: h is left alone for another 60 s"):
        breaker.check("h")
    breaker.check("other")
    now[0] += 61
    breaker.check("h")
    breaker.note("h", failed=True)
    with pytest.raises(FetchError, match="another 120 s"):
        breaker.check("h")
    now[0] += 121
    breaker.note("h", failed=False)
    breaker.note("h", failed=True)
    breaker.check("h")


@pytest.mark.parametrize("header", ["", "soon", "-1", "Thu, 99 Foo 2027", "²", "Sat, 01 Jan 99999 00:00:00 GMT"])
def test_a_retry_after_that_says_nothing(header: str) -> None:
    assert retry_after(header) is None
