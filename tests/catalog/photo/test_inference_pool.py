"""The bounded pool: who gets in, who waits, who is sent away."""

import os
import sys
import threading

import pytest

from catalog.photo.inference_pool import NICENESS, BoundedPool, BusyError

SOON = 10.0


def test_it_returns_what_the_work_returns() -> None:
    assert BoundedPool().run(lambda: 6 * 7) == 42


def test_it_raises_what_the_work_raises_and_frees_the_place() -> None:
    pool = BoundedPool(workers=1, waiting=0)
    for _attempt in range(3):
        with pytest.raises(ZeroDivisionError):
            pool.run(lambda: 1 // 0)


def test_a_process_that_ends_is_busy() -> None:
    pool = BoundedPool(workers=1, waiting=0)
    pool._executor.shutdown()
    for _attempt in range(2):
        with pytest.raises(BusyError):
            pool.run(lambda: "never")
    assert pool._slots._value == 1


@pytest.mark.skipif(sys.platform != "linux", reason="threads have a priority of their own on Linux only")
def test_looking_steps_back_behind_pages() -> None:
    def priority() -> int:
        return os.getpriority(os.PRIO_PROCESS, threading.get_native_id())

    mine = priority()
    assert BoundedPool().run(priority) == max(mine, NICENESS)
    assert priority() == mine


def test_who_finds_no_place_is_told_at_once() -> None:
    pool = BoundedPool(workers=1, waiting=1)
    begun, go = threading.Event(), threading.Event()
    answers: list[str] = []

    def slow() -> str:
        begun.set()
        assert go.wait(SOON)
        return "done"

    callers = [threading.Thread(target=lambda: answers.append(pool.run(slow))) for _ in range(2)]
    for caller in callers:
        caller.start()
    try:
        assert begun.wait(SOON)
        while pool._slots._value:  # until the second stands in the queue
            threading.Event().wait(0.001)
        with pytest.raises(BusyError):
            pool.run(lambda: "never")
    finally:
        go.set()
        for caller in callers:
            caller.join(SOON)
    assert answers == ["done", "done"]
    assert pool.run(lambda: "free again") == "free again"


def test_who_waits_too_long_is_sent_away_and_their_work_is_not_begun() -> None:
    pool = BoundedPool(workers=1, waiting=1)
    begun, go, ran = threading.Event(), threading.Event(), threading.Event()

    def slow() -> None:
        begun.set()
        assert go.wait(SOON)

    first = threading.Thread(target=lambda: pool.run(slow))
    first.start()
    assert begun.wait(SOON)
    with pytest.raises(BusyError):
        pool.run(ran.set, timeout=0.01)
    go.set()
    first.join(SOON)
    assert pool.run(lambda: "next") == "next"
    assert not ran.is_set()
