"""Native libraries greet on standard output and error when they load; a command's own output should hold its own words."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def quiet() -> Iterator[None]:
    """Swallow what is written to descriptors 1 and 2 meanwhile; if the block raises, it is written after all."""
    sys.stdout.flush()
    sys.stderr.flush()
    kept = [os.dup(1), os.dup(2)]
    with tempfile.TemporaryFile() as words:
        try:
            for descriptor in (1, 2):
                os.dup2(words.fileno(), descriptor)
            yield
        except BaseException:
            words.seek(0)
            os.write(kept[1], words.read())
            raise
        finally:
            for descriptor, copy in zip((1, 2), kept, strict=True):
                os.dup2(copy, descriptor)
                os.close(copy)
