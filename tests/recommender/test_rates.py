"""Rates: a minute's number at once, then one after the other; counted together by forked processes."""

import os

from recommender.rates import SharedRates


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_minutes_number_passes_at_once_then_one_after_another() -> None:
    clock = Clock()
    rates = SharedRates(clock=clock)
    assert [rates.wait("a", 3) for _ in range(4)] == [0, 0, 0, 20]
    clock.now += 19
    assert rates.wait("a", 3) == 1
    clock.now += 1
    assert [rates.wait("a", 3), rates.wait("a", 3)] == [0, 20]


def test_who_is_refused_does_not_wait_longer_for_asking_again() -> None:
    rates = SharedRates(clock=Clock())
    assert [rates.wait("a", 1) for _ in range(3)] == [0, 60, 60]


def test_keys_are_counted_apart() -> None:
    rates = SharedRates(clock=Clock())
    assert rates.wait("a", 1) == 0
    assert rates.wait("b", 1) == 0


def test_a_long_silence_saves_nothing_up() -> None:
    clock = Clock()
    rates = SharedRates(clock=clock)
    rates.wait("a", 2)
    clock.now += 100_000
    assert [rates.wait("a", 2) for _ in range(3)] == [0, 0, 30]


def test_forked_processes_count_together() -> None:
    rates = SharedRates(clock=Clock())
    child = os.fork()
    if child == 0:
        os._exit(rates.wait("a", 1))
    _pid, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) == 0
    assert rates.wait("a", 1) == 60
