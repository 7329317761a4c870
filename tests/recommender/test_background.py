"""A process that ends while its background threads work waits for their step in flight, and ends in order."""

import subprocess
import sys
import threading

import pytest

from recommender import background
from recommender.background import BackgroundThread, check_stopping, pause

BEGIN = """
import threading
from recommender.background import BackgroundThread, check_stopping, pause
begun = threading.Event()
"""
END = """
BackgroundThread("work", work).start()
begun.wait()
"""
# OpenCV lets go of the interpreter while it computes: without a stop the thread comes back into one that is gone.
NATIVE = """
import cv2, numpy
def work():
    picture = numpy.zeros((2000, 2000, 3), numpy.uint8)
    try:
        while True:
            cv2.blur(picture, (9, 9))
            begun.set()
            check_stopping()
    finally:
        print("given up", flush=True)
"""
PAUSING = """
def work():
    try:
        begun.set()
        pause(3600)
    finally:
        print("given up", flush=True)
"""


@pytest.mark.parametrize("work", [pytest.param(NATIVE, id="in C++"), pytest.param(PAUSING, id="in a pause")])
def test_the_process_ends_in_order(work: str) -> None:
    done = subprocess.run([sys.executable, "-c", BEGIN + work + END], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "given up\n", "")


def test_a_step_that_does_not_end_keeps_no_process(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on, begun = threading.Event(), threading.Event()

    def work() -> None:
        begun.set()
        go_on.wait(60)

    monkeypatch.setattr(background, "WAIT_SECONDS", 0.01)
    monkeypatch.setattr(background, "_stopping", threading.Event())
    thread = BackgroundThread("work", work)
    thread.start()
    assert begun.wait(60)
    background._stop()
    assert thread.is_alive()
    go_on.set()
    thread.join(60)


def test_an_executor_that_refuses_work_while_the_process_ends_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def work() -> None:
        raise RuntimeError("cannot schedule new futures after interpreter shutdown")

    reported: list[object] = []
    monkeypatch.setattr(threading, "excepthook", reported.append)
    monkeypatch.setattr(background, "_MOMENT_SECONDS", 0.01)
    monkeypatch.setattr(background, "_stopping", threading.Event())
    for stopping, reports in ((False, 1), (True, 1)):
        if stopping:
            background._stopping.set()
        thread = BackgroundThread("work", work)
        thread.start()
        thread.join(60)
        assert len(reported) == reports


def test_nothing_stops_before_the_end() -> None:
    check_stopping()
    pause(0)
    assert not background.is_stopping()
