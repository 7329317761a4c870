"""What the site goes on with while the index file changes under it."""

from pathlib import Path
from threading import Thread

from django.conf import settings

from catalog.index_store import IndexStore
from indexing.index.file import load_index
from indexing.index.record import Index
from tests.catalog.builders import make_index, write_index
from tests.catalog.test_index_copies import Clock, new_store


def test_nothing_is_wrong_any_more_when_the_file_that_is_served_is_back(tmp_path: Path) -> None:
    good, clock = write_index(), Clock()
    store = new_store(clock, tmp_path)
    store.current()
    good.rename(tmp_path / "aside")
    good.write_bytes(b"not an index")
    clock.now = 2
    store.current()
    assert store.problem != ""
    (tmp_path / "aside").replace(good)
    clock.now = 4
    store.current()
    assert store.problem == ""


def test_nobody_waits_for_the_thread_that_loads_another_file() -> None:
    clock, answers = Clock(), list[int]()

    def load(path: Path) -> Index:
        if clock.now:
            asking = Thread(target=lambda: answers.append(len(store.current().index)), daemon=True)
            asking.start()
            asking.join(10)
        return load_index(path)

    write_index()
    store = IndexStore(settings.INDEX_PATH, load, clock=clock)
    store.current()
    write_index(make_index({"x": (1, 0), "y": (0, 1)}))
    clock.now = 2
    assert len(store.current().index) == 2
    assert answers == [6]
