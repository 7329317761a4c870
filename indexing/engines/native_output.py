"""Native libraries greet on standard output and error when they load; a command's output should hold its own lines only."""

import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def suppress_native_output() -> Iterator[None]:
    """Swallow what is written to descriptors 1 and 2 meanwhile; if the block raises, it is written after all."""
    sys.stdout.flush()
    sys.stderr.flush()
    saved = [os.dup(1), os.dup(2)]
    with tempfile.TemporaryFile() as output:
        try:
            for descriptor in (1, 2):
                os.dup2(output.fileno(), descriptor)
            yield
        except BaseException:
            output.seek(0)
            os.write(saved[1], output.read())
            raise
        finally:
            for descriptor, copy in zip((1, 2), saved, strict=True):
                os.dup2(copy, descriptor)
                os.close(copy)
