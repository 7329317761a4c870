"""What benchmarks claim follows from what they measured."""

import pytest

from benchmarks.harness.measuring import Measured, Ratio, in_turns


@pytest.mark.parametrize(
    ("ratio", "met"),
    [
        (Ratio(3.0, 3.0), True),
        (Ratio(2.9, 3.0), False),
        (Ratio(0.3, 0.33, at_least=False), True),
        (Ratio(0.4, 0.33, at_least=False), False),
        (Ratio(9.9), True),
    ],
)
def test_whether_a_claim_is_met(ratio: Ratio, met: bool) -> None:
    assert ratio.met is met


def test_one_slow_run_does_not_move_the_median() -> None:
    assert Measured((1.0, 99.0, 2.0), "s").median == 2.0


def test_things_are_called_in_turns_after_a_call_that_is_not_measured() -> None:
    called: list[str] = []
    measured = in_turns({"a": lambda: called.append("a"), "b": lambda: called.append("b")}, rounds=2)
    assert called == ["a", "b", "a", "b", "a", "b"]
    assert [len(one.runs) for one in measured.values()] == [2, 2]


def test_turns_end_when_time_is_up() -> None:
    assert len(in_turns({"a": lambda: None}, rounds=9, most_seconds=0)["a"].runs) == 1
