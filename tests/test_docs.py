"""The docs hold together: links lead somewhere, every option of every command is listed, pages are plain enough to read."""

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

ROOT = Path(__file__).resolve().parents[1]
OURS = ("recommender", "catalog", "scraping", "indexing", "demo")
PAGES = sorted(path for path in ROOT.rglob("*.md") if not {".venv", "data", "node_modules"} & set(path.parts))
LINK = re.compile(r"\]\(([^)#\s]+)(#[^)\s]*)?\)")
COMMANDS = sorted(name for name, app in get_commands().items() if app in OURS)
# Options that Django gives to every command.
DJANGO = {"--help", "--version", "--verbosity", "--settings", "--pythonpath", "--traceback", "--no-color", "--force-color"}
DJANGO |= {"--skip-checks"}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    targets = [target for target, _anchor in LINK.findall(page.read_text()) if "://" not in target and "mailto:" not in target]
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_is_in_the_reference(name: str) -> None:
    reference = (ROOT / "docs" / "reference" / "commands.md").read_text()
    _, _, section = reference.partition(f"\n## {name}\n")
    section = section.partition("\n## ")[0]
    parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)
    options = {option for action in parser._actions for option in action.option_strings if option.startswith("--")}
    documented = set(re.findall(r"--[a-z][a-z-]*", section))
    assert sorted(options - DJANGO - documented) == []
    assert section.strip()


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.md").read_text().splitlines()) <= 100


def prose(page: Path) -> list[str]:
    """A page's paragraphs: no headings, lists, tables, code."""
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
    blocks = [block.strip() for block in re.split(r"\n\s*\n", text)]
    return [block for block in blocks if block and block[0] not in "#|-*>!<" and not re.match(r"\d+\. ", block)]


DOCS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


@pytest.mark.parametrize("page", DOCS, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_are_plain(page: Path) -> None:
    """House style: sentences of 15 words on average, paragraphs of at most 80."""
    paragraphs = prose(page)
    assert [block[:60] for block in paragraphs if len(block.split()) > 80] == []
    sentences = [sentence for block in paragraphs for sentence in re.split(r"(?<=[.!?:;])\s+", block) if sentence]
    if len(sentences) >= 5:
        assert sum(len(sentence.split()) for sentence in sentences) / len(sentences) <= 15
