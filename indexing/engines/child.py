"""Run a function in a process of its own: what it imports, prints and allocates is gone when it ends.

Converting a network takes twice its weights in memory, and TensorFlow keeps half a gigabyte and a thread pool for ever;
neither may burden a build or a web worker. `multiprocessing` will not do: daemonic workers (Dask's) may not have children.
"""

import os
import pickle
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from indexing.errors import EngineError, IndexingError

P = ParamSpec("P")
T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]


def in_child(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`function(*args)`, a module-level function of picklable arguments, computed by a new Python process.

    Raises the IndexingError or OSError that the function raised; EngineError, with its last words, when the process dies.
    """
    path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH", "")]))
    with tempfile.TemporaryDirectory() as folder:
        result = Path(folder) / "result"
        process = subprocess.run(  # nosec B603  # noqa: S603  (our own interpreter and module)
            [sys.executable, "-m", "indexing.engines.child", str(result)],
            input=pickle.dumps((function, args, kwargs)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": path},
            check=False,
        )
        if process.returncode != 0 or not result.is_file():
            words = process.stderr.decode(errors="replace").strip().splitlines()[-1:]
            raise EngineError(f"{function.__name__} failed in its own process (exit {process.returncode}): {' '.join(words)}")
        failure, value = pickle.loads(result.read_bytes())  # nosec B301  # our own child wrote it
    if failure is not None:
        raise failure
    answer: T = value
    return answer


def main(result: Path) -> None:
    """The child's side: the call comes by standard input, the answer goes to a file."""
    function, args, kwargs = pickle.loads(sys.stdin.buffer.read())  # nosec B301  # our own parent wrote it
    try:
        answer: tuple[Exception | None, object] = (None, function(*args, **kwargs))
    except (IndexingError, OSError) as error:
        answer = (error, None)
    result.write_bytes(pickle.dumps(answer))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
