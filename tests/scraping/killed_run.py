"""`python -m tests.scraping.killed_run N COMMAND …`: a command of manage.py that SIGKILL ends at its Nth change to a file.

N of 0: never; then what is on sale is printed, an ItemID and its title a line.
"""

import os
import signal
import sys
from typing import Any

import django
from django.core.management import call_command

CHANGES = {"os.rename", "os.remove", "os.mkdir"}


def kill_at(number: int) -> None:
    """Let the process be killed just before its `number`th opening for writing, renaming or removing."""
    seen = 0

    def watch(event: str, arguments: tuple[Any, ...]) -> None:
        nonlocal seen
        writes = event == "open" and isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR)
        if event in CHANGES or writes:
            seen += 1
            if seen == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(watch)


if __name__ == "__main__":
    django.setup()
    call_command("migrate", verbosity=0)
    if number := int(sys.argv[1]):
        kill_at(number)
    call_command(*sys.argv[2:])
    from catalog.models import Item

    for item in Item.objects.on_sale():
        print(f"{item.pk}\t{item.title}")
