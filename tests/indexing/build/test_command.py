"""`manage.py build_index`: what it prints, how it ends, whom it tells."""

from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from indexing.build import build
from indexing.build.report import BuildReport, summary
from indexing.errors import WeightsError
from indexing.signals import index_built
from tests.indexing.build.builds import CountingEngine, Shop, names, picture, use_small_network

pytestmark = pytest.mark.django_db  # the catalogue listens, and makes rows of items that it does not know


@pytest.fixture
def shop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shop:
    use_small_network(monkeypatch, CountingEngine())
    found = Shop(tmp_path)
    found.draw(*names(5))
    return found


def run(shop: Shop, *others: str) -> None:
    call_command("build_index", "--images", str(shop.images), "--index", str(shop.path), *others)


def test_it_builds_and_sums_up(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    (shop.images / "page.jpg").write_bytes(b"<html>" * 500)
    run(shop)
    out = capsys.readouterr().out
    assert f"{shop.path}: 5 items; 5 added, 0 changed, 0 removed, 0 unchanged; 5 vectors computed." in out
    assert "A small network." in out
    assert "a fake engine" in out
    assert "page: not a JPEG" in out
    assert "UNTRAINED" in out
    assert len(shop.index()) == 5


def test_listeners_are_told_once_the_index_is_there(shop: Shop) -> None:
    told: list[tuple[Path, int]] = []

    def listen(path: Path, **_: Any) -> None:
        told.append((path, len(shop.index())))

    index_built.connect(listen)
    try:
        run(shop)
    finally:
        index_built.disconnect(listen)
    assert told == [(shop.path, 5)]


def test_a_listener_that_fails_is_named_and_the_index_stays(shop: Shop, capsys: pytest.CaptureFixture[str]) -> None:
    def listener(**_: Any) -> None:
        raise RuntimeError("no such table")

    index_built.connect(listener)
    try:
        run(shop)
    finally:
        index_built.disconnect(listener)
    assert "Note: the index is in its place, but listener failed: no such table." in capsys.readouterr().out
    assert len(shop.index()) == 5


def test_defaults_are_the_settings(shop: Shop, settings: Any) -> None:
    settings.IMAGES_DIR, settings.INDEX_PATH = shop.images, shop.path
    call_command("build_index")
    assert len(shop.index()) == 5


def test_a_failure_is_one_line_and_no_listener_is_told(shop: Shop, tmp_path: Path) -> None:
    told: list[Path] = []

    def listen(path: Path, **_: Any) -> None:
        told.append(path)

    index_built.connect(listen)
    try:
        with pytest.raises(CommandError, match="no folder of previews"):
            run(shop, "--images", str(tmp_path / "nowhere"))
    finally:
        index_built.disconnect(listen)
    assert told == []


def test_weights_that_cannot_be_had_are_named(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise WeightsError("x.h5: there is no such weights file")

    monkeypatch.setattr(build, "choose_network", refuse)
    with pytest.raises(CommandError, match="no such weights file"):
        run(shop, "--weights", "x.h5")


def test_ctrl_c_says_that_the_work_is_kept(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: int) -> None:
        raise KeyboardInterrupt

    use_small_network(monkeypatch, CountingEngine(interrupt))
    with pytest.raises(CommandError, match="kept: run build_index again"):
        run(shop)


@pytest.mark.parametrize("option", ["--batch-size=0", "--threads=-1", "--batch-size=x", "--min-bytes=x", "--network=alexnet"])
def test_values_out_of_range_are_refused(option: str, shop: Shop) -> None:
    with pytest.raises(CommandError, match=option.split("=")[0]):
        run(shop, option)


def test_a_long_list_of_skipped_files_is_counted_by_reason() -> None:
    report = BuildReport(Path("items.pkl"), skipped={f"item-{number}": "damaged: it cannot be decoded" for number in range(25)})
    lines = summary(report)
    assert "25 skipped (all of them, with reasons, are in the index's manifest):" in lines
    assert "  … and 15 more: damaged" in lines
    assert len(lines) == 14


def test_pictures_of_other_names_are_named_with_the_way_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    use_small_network(monkeypatch, CountingEngine())
    shop = Shop(tmp_path)
    for name in ("A1.JPG", "A2.jpeg", "b.png", "c.webp"):
        (shop.images / name).write_bytes(picture(name))
    with pytest.raises(CommandError, match=r"there is A1\.JPG, A2\.jpeg, b\.png and 1 more: rename them to end in \.jpg, or"):
        run(shop)


def test_a_picture_of_another_name_among_previews_is_skipped_with_the_way_out(
    shop: Shop, capsys: pytest.CaptureFixture[str]
) -> None:
    (shop.images / "A1.JPG").write_bytes(picture("A1"))
    run(shop)
    assert "A1.JPG: not named <ItemID>.jpg: a picture, rename it to A1.jpg" in capsys.readouterr().out
