"""`manage.py build_index` with the tests' small network, whose engine stops for good at a given batch: something to kill.

python -m tests.indexing.build.slow_build BATCH FLAG ARGUMENTS…   FLAG: a file that is made when the engine has stopped.
"""

import os
import sys
import time
from pathlib import Path


def main(stop_at: int, flag: Path, arguments: list[str]) -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "tests.settings"
    import django

    django.setup()
    from django.core.management import call_command

    from indexing.build import build
    from tests.indexing.build.builds import FEW_EXTRAS, CountingEngine, small_choice

    def stop(batches: int) -> None:
        if batches == stop_at:
            flag.touch()
            time.sleep(600)

    setattr(build, "choose_network", small_choice)  # noqa: B010  (mypy keeps modules from being changed otherwise)
    setattr(build, "EXTRAS", FEW_EXTRAS)  # noqa: B010
    setattr(build, "make_engine", lambda *_: CountingEngine(stop))  # noqa: B010
    call_command("build_index", *arguments)


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3:])
