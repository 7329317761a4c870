"""Who may import whom: the rooms of CONTRIBUTING, "The house", read from every import statement."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("recommender", "catalog", "scraping", "indexing", "imaging", "demo", "training")
MOST_MODULES = 16

# Tools that know nothing of any room, and that all may use.
COMMON = {
    "recommender",
    "recommender.background",
    "recommender.files",
    "recommender.database",
    "recommender.rates",
    "recommender.runs",
}

# What a room may import beside itself. The longest prefix of a module's name decides.
ALLOWED = {
    "recommender": {"catalog"},
    "recommender.background": set[str](),
    "recommender.files": set[str](),
    "recommender.database": set[str](),
    "recommender.rates": set[str](),
    "recommender.runs": set[str](),
    "recommender.management.commands": {
        *COMMON,
        "recommender.launch",
        "recommender.backups",
        "catalog",
        "scraping",
        "indexing",
    },
    "catalog": {*COMMON, "indexing", "imaging"},
    "scraping": {*COMMON, "imaging", "demo", "catalog.models"},  # rows are written by Django's model of them
    "indexing": {*COMMON, "imaging"},
    "imaging": set[str](),
    "demo": COMMON,
    "training": {*COMMON, "demo", "indexing", "imaging"},
}

# The side of indexing that reads an index. `indexing.query`, which runs networks, is imported inside functions only, and so
# are the boxes that it takes and gives.
READING_SIDE = {
    "indexing.errors", "indexing.signals", "indexing.index", "indexing.nearest", "indexing.extras", "indexing.taste.formulas",
    "indexing.networks.names",
}  # fmt: skip

HEAVY = {
    "tensorflow", "keras", "openvino", "onnxruntime", "huggingface_hub", "tokenizers",
    "MNN", "onnx", "h5py", "requests", "cv2", "joblib", "numba", "sklearn", "faiss", "bs4", "torch", "qdrant_client",
}  # fmt: skip
SITE_START = (
    "recommender.settings", "recommender.urls", "recommender.wsgi", "recommender.asgi", "catalog.apps", "catalog.checks",
)  # fmt: skip
WEB_LIBRARIES = {"requests", "bs4", "lxml", "protego", "http", "urllib3"}


@dataclass(frozen=True)
class Import:
    """One imported module; at_start: the importer's own import runs it (not a function, not TYPE_CHECKING)."""

    importer: str
    line: int
    target: str
    at_start: bool

    def __str__(self) -> str:
        return f"{self.importer}, line {self.line}, imports {self.target}"


def parse(importer: str, source: str, modules: frozenset[str]) -> list[Import]:
    """Every import in `source`. `from a import b` is an import of the module a.b where there is one, else of a."""
    imports: list[Import] = []

    def add(node: ast.Import | ast.ImportFrom, at_start: bool) -> None:
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        else:
            assert node.level == 0, f"{importer} imports relatively"
            base = node.module or ""
            targets = [f"{base}.{a.name}" if f"{base}.{a.name}" in modules else base for a in node.names]
        imports.extend(Import(importer, node.lineno, target, at_start) for target in dict.fromkeys(targets))

    def visit(node: ast.AST, at_start: bool) -> None:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import | ast.ImportFrom):
                add(child, at_start)
            else:
                later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
                for_types = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
                visit(child, at_start and not later and not for_types)

    visit(ast.parse(source), True)
    return imports


@cache
def modules() -> dict[str, Path]:
    """Every module of the rooms by its dotted name."""
    found: dict[str, Path] = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def all_imports() -> tuple[Import, ...]:
    names = frozenset(modules())
    return tuple(entry for name, path in modules().items() for entry in parse(name, path.read_text(), names))


def is_within(module: str, prefix: str) -> bool:
    return module == prefix or module.startswith(f"{prefix}.")


def is_ours(module: str) -> bool:
    return module.split(".")[0] in ROOMS


def room_violations(imports: tuple[Import, ...]) -> Iterator[Import]:
    for entry in imports:
        if not is_ours(entry.target):
            continue
        rule = max((prefix for prefix in ALLOWED if is_within(entry.importer, prefix)), key=len)
        own_room = entry.importer.split(".")[0]
        if rule == own_room and entry.target.split(".")[0] == own_room:
            continue
        # `recommender` stands for its version only, every other name for all that it holds.
        if not any(entry.target == p if p in COMMON else is_within(entry.target, p) for p in ALLOWED[rule]):
            yield entry


def reading_side_violations(imports: tuple[Import, ...]) -> Iterator[Import]:
    for entry in imports:
        if is_within(entry.importer, "catalog") and is_within(entry.target, "indexing"):
            open_to = READING_SIDE if entry.at_start else {*READING_SIDE, "indexing.query", "indexing.networks.boxes"}
            if not any(is_within(entry.target, prefix) for prefix in open_to):
                yield entry


def packages_of(module: str) -> list[str]:
    """The module and the packages around it, which Python imports too."""
    parts = module.split(".")
    return [".".join(parts[:length]) for length in range(1, len(parts) + 1)]


def heavy_at_start(imports: tuple[Import, ...]) -> Iterator[str]:
    """Each heavy library that the site's start imports, with the way to it."""
    by_importer: dict[str, list[Import]] = {}
    for entry in imports:
        if entry.at_start:
            by_importer.setdefault(entry.importer, []).append(entry)
    ways = {name: name for start in SITE_START for name in packages_of(start)}
    waiting = list(ways)
    while waiting:
        module = waiting.pop()
        for entry in by_importer.get(module, ()):
            if entry.target.split(".")[0] in HEAVY:
                yield f"{ways[module]} → {entry.target}"
            for name in packages_of(entry.target) if is_ours(entry.target) else ():
                if name not in ways:
                    ways[name] = f"{ways[module]} → {name}"
                    waiting.append(name)


def circles(imports: tuple[Import, ...]) -> list[list[str]]:
    """Groups of modules that import each other, by whatever way, imports inside functions included (Tarjan, 1972)."""
    targets: dict[str, list[str]] = {}
    for entry in imports:
        if is_ours(entry.target) and entry.target != entry.importer:
            targets.setdefault(entry.importer, []).append(entry.target)
    order: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    groups: list[list[str]] = []

    def visit(module: str) -> None:
        order[module] = low[module] = len(order)
        stack.append(module)
        for target in targets.get(module, ()):
            if target not in order:
                visit(target)
                low[module] = min(low[module], low[target])
            elif target in stack:
                low[module] = min(low[module], order[target])
        if low[module] == order[module]:
            group = stack[stack.index(module) :]
            del stack[-len(group) :]
            if len(group) > 1:
                groups.append(sorted(group))

    for module in list(targets):
        if module not in order:
            visit(module)
    return groups


def test_rooms_import_only_what_they_may() -> None:
    assert [str(entry) for entry in room_violations(all_imports())] == []


def test_the_site_uses_the_reading_side_of_indexing() -> None:
    assert [str(entry) for entry in reading_side_violations(all_imports())] == []


def test_the_site_starts_without_heavy_libraries() -> None:
    assert list(heavy_at_start(all_imports())) == []


@pytest.mark.parametrize("room", ["indexing", "imaging"])
def test_pictures_and_vectors_know_nothing_of_the_web(room: str) -> None:
    exempt = "indexing.weights.imagenet"  # asks whether Keras could download its weights
    web = [e for e in all_imports() if is_within(e.importer, room) and e.target.split(".")[0] in WEB_LIBRARIES]
    assert [str(entry) for entry in web if entry.importer != exempt] == []


def test_no_modules_import_each_other_in_a_circle() -> None:
    assert circles(all_imports()) == []


def test_no_folder_holds_more_modules_than_one_can_survey() -> None:
    counts: dict[str, int] = {}
    for path in modules().values():
        if path.name != "__init__.py" and path.parent.name != "migrations":
            folder = path.parent.relative_to(ROOT).as_posix()
            counts[folder] = counts.get(folder, 0) + 1
    assert {folder: n for folder, n in counts.items() if n > MOST_MODULES} == {}


# The rules themselves: each must find the import that breaks it.


def imports_of(importer: str, source: str) -> tuple[Import, ...]:
    return tuple(parse(importer, source, frozenset(modules())))


@pytest.mark.parametrize(
    ("importer", "source"),
    [
        ("scraping.walk", "from indexing.index.record import Index"),
        ("indexing.query", "from scraping.walk import walk"),
        ("indexing.query", "def f():\n    import catalog.models"),
        ("imaging.decoding", "from indexing.errors import ImagesError"),
        ("imaging.decoding", "from recommender.files import atomic_write"),
        ("demo.make", "import training"),
        ("catalog.cards", "from scraping import walk"),
        ("scraping.catalogue_rows", "from catalog import urls"),
        ("training.train", "from catalog.models import Item"),
        ("recommender.launch", "from indexing.index.file import load_index"),
        ("recommender.files", "from recommender import settings"),
        ("catalog.cards", "from recommender import settings"),
    ],
)
def test_an_import_across_the_rooms_is_found(importer: str, source: str) -> None:
    assert len(list(room_violations(imports_of(importer, source)))) == 1


@pytest.mark.parametrize(
    ("source", "violations"),
    [
        ("from indexing.query import embed", 1),
        ("def f():\n    from indexing.query import embed", 0),
        ("def f():\n    from indexing.engines import make_engine", 1),
        ("from indexing.networks.names import NETWORK_NAMES", 0),
        ("from indexing.networks import registry", 1),
    ],
)
def test_the_running_side_is_found_in_the_site(source: str, violations: int) -> None:
    assert len(list(reading_side_violations(imports_of("catalog.cards", source)))) == violations


@pytest.mark.parametrize(
    ("source", "count"),
    [
        ("import cv2", 1),
        ("try:\n    import h5py\nexcept ImportError:\n    pass", 1),
        ("def f():\n    import cv2", 0),
        ("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import tensorflow", 0),
    ],
)
def test_a_heavy_import_is_found_behind_others(source: str, count: int) -> None:
    start = imports_of("recommender.urls", "from catalog.api import api")
    assert len(list(heavy_at_start((*start, *imports_of("catalog.api", source))))) == count


def test_a_circle_is_found_even_inside_functions() -> None:
    there = imports_of("indexing.query", "import indexing.parallel")
    back = imports_of("indexing.parallel", "def f():\n    import indexing.query")
    assert circles((*there, *back)) == [["indexing.parallel", "indexing.query"]]
    assert circles(there) == []
