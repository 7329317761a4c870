from pathlib import Path

from scraping.journal import NAME, Entry, Journal


def test_the_last_line_of_an_item_counts_and_the_journal_stays_short(tmp_path: Path) -> None:
    (tmp_path / "7.jpg").write_bytes(b"1234")
    with Journal(tmp_path) as journal:
        for version in range(10):
            journal.add(Entry("7", f"https://s.example/{version}.jpg", 4, etag=f'"{version}"'))
    with Journal(tmp_path) as journal:
        assert journal.stored("7") == Entry("7", "https://s.example/9.jpg", 4, etag='"9"')
    assert len((tmp_path / NAME).read_bytes().splitlines()) == 1


def test_a_preview_that_is_gone_or_of_another_size_is_not_stored(tmp_path: Path) -> None:
    (tmp_path / "8.jpg").write_bytes(b"12")
    with Journal(tmp_path) as journal:
        journal.add(Entry("7", "https://s.example/7.jpg", 4))
        journal.add(Entry("8", "https://s.example/8.jpg", 4))
        assert journal.stored("7") is journal.stored("8") is journal.stored("9") is None


def test_damaged_lines_are_passed_over(tmp_path: Path) -> None:
    (tmp_path / "7.jpg").write_bytes(b"1234")
    with Journal(tmp_path) as journal:
        journal.add(Entry("7", "https://s.example/7.jpg", 4))
    with (tmp_path / NAME).open("ab") as file:
        file.write(b'\xff\n[]\n{"item_id": "9"}\n{"item_id": "8", "ur')
    with Journal(tmp_path) as journal:
        journal.add(Entry("6", "https://s.example/6.jpg", 4))
        assert journal.stored("7") is not None
    assert len((tmp_path / NAME).read_bytes().splitlines()) == 2
