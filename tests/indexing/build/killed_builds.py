"""Builds killed at random moments, each in a process of its own: prints what was left of each as a line of JSON.

python -m tests.indexing.build.killed_builds FOLDER SEED COUNT

A moment is a number of calls of Python functions, so that a seed gives the same moments on a fast machine and a slow one. The
builds are forked from this process, which has imported everything and runs no thread yet.
"""

import json
import os
import random
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any


def in_child(work: Callable[[], object]) -> int:
    """Run `work` in a forked process; its exit status as `os.waitstatus_to_exitcode` gives it."""
    sys.stdout.flush()
    child = os.fork()
    if child == 0:
        signal.alarm(120)
        try:
            work()
            os._exit(0)
        except BaseException as error:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def main(folder: Path, seed: int, count: int) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from indexing.build import build
    from indexing.index.file import load_index
    from indexing.nearest import kernels  # noqa: F401  (compiled once, for all children)
    from tests.indexing.build.builds import FEW_EXTRAS, CountingEngine, Shop, names, small_choice

    setattr(build, "choose_network", small_choice)  # noqa: B010  (mypy keeps modules from being changed otherwise)
    setattr(build, "EXTRAS", FEW_EXTRAS)  # noqa: B010
    setattr(build, "make_engine", lambda *_: CountingEngine())  # noqa: B010
    shop = Shop(folder)
    shop.draw(*names(9))
    assert in_child(shop.build) == 0
    shop.draw(*names(20))
    before = folder.with_name("before")
    shutil.copytree(folder, before)
    old = shop.index().item_ids

    def counting(kill_at: int) -> Callable[[], None]:
        calls = 0

        def count_call(_frame: Any, event: str, _argument: Any) -> None:
            nonlocal calls
            if event in ("call", "c_call"):
                calls += 1
                if calls == kill_at:
                    os.kill(os.getpid(), signal.SIGKILL)

        def work() -> None:
            sys.setprofile(count_call)
            shop.build()
            sys.setprofile(None)
            (folder / "calls").write_text(str(calls))

        return work

    assert in_child(counting(0)) == 0
    total = int((folder / "calls").read_text())
    moments = random.Random(seed)
    for _ in range(count):
        shutil.rmtree(folder)
        shutil.copytree(before, folder)
        killed = in_child(counting(moments.randrange(1, total)))
        served = load_index(shop.path).item_ids
        again = in_child(shop.build)
        left = sorted(path.name for path in shop.path.parent.iterdir())
        whole = len(load_index(shop.path))
        print(
            json.dumps(
                {"killed": killed, "old": served == old, "items": len(served), "again": again, "left": left, "whole": whole}
            )
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
