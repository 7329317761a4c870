"""CSV as programs of all sorts write it."""

from pathlib import Path

import pytest

from scraping.errors import FeedError
from scraping.feeds.tables.csv_table import CsvTable
from scraping.feeds.tables.files import FeedFile
from tests.scraping.feeds.helpers import rows_of, table_of

ROW = {"id": ("1",), "title": ("Cat",), "image_link": ("https://shop.example/1.jpg",)}
LINES = "id,title,image link\n1,Cat,https://shop.example/1.jpg\n"


@pytest.mark.parametrize(
    "content",
    [
        LINES,
        LINES.replace("\n", "\r\n"),
        LINES.replace("\n", "\r"),
        LINES.rstrip("\n"),
        "\n" + LINES + "\n,,\n",
        LINES.replace(",", ";"),
        "sep=;\n" + LINES.replace(",", ";"),
        LINES.replace(",", "\t"),
        LINES.replace(",", "|"),
        LINES.encode("utf-8-sig"),
        LINES.encode("utf-16"),
        LINES.encode("utf-16-le"),
        b"\xfe\xff" + LINES.encode("utf-16-be"),
        '"ID","Title*","g:image_link"\n"1"," Cat ","https://shop.example/1.jpg"\n',
        LINES.replace("Cat", "C\0at"),
    ],
)
def test_the_same_row_whoever_wrote_it(tmp_path: Path, content: str | bytes) -> None:
    assert [row.cells for row in rows_of(tmp_path, content)] == [ROW]


def test_quotes_separators_and_line_breaks_within_a_field(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, 'id,title\n1,"A ""big"", red\ncat"\n2,Dog\n')
    assert [row.cells["title"] for row in rows] == [('A "big", red\ncat',), ("Dog",)]
    assert [row.number for row in rows] == [2, 4]


@pytest.mark.parametrize(
    ("text", "charset"),
    [
        ("id;title\n1;Größe für Mädchen, naïve Übermaße\n", "cp1252"),
        ("id;title\n1;Zażółć gęślą jaźń, biała koszulka męska\n", "cp1250"),
        ("id;title\n1;Футболка с котом, синяя, хлопок\n", "cp1251"),
        ("id;title\n1;Červená košile, žluté tričko\n", "cp1250"),
        ("id;title\n1;Piros női ing, kék férfi póló, hűvös őszi kabát\n", "cp1250"),
        ("id;title\n1;Calção, vestido de algodão, botões e maçã\n", "cp1252"),
        ("id;title\n1;Rød trøje, blå kjole\n", "cp1252"),
        ("id;title\n1;Kırmızı gömlek, yeşil çocuk ayakkabısı\n", "cp1254"),
        ("id;title\n1;Café tee\n", "cp1252"),
        ("id;title\n1;Tee at £10\n", "cp1252"),
        ("id;title\n1;Men’s tee – red\n", "cp1252"),
    ],
)
def test_a_charset_that_nothing_names(tmp_path: Path, text: str, charset: str) -> None:
    assert rows_of(tmp_path, text.encode(charset))[0].cells["title"][0] == text.split(";")[-1].strip()


def test_a_charset_that_the_owner_names(tmp_path: Path) -> None:
    content = "id,title\n1,Žluťoučký\n".encode("iso8859-2")
    assert rows_of(tmp_path, content, charset="iso-8859-2")[0].cells["title"] == ("Žluťoučký",)


def test_an_unknown_charset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="'klingon' is no charset"):
        table_of(tmp_path, LINES, charset="klingon")


@pytest.mark.parametrize(
    ("content", "doubt"),
    [
        ('id,title,x\n1,Cat,y\n2,"Do', "a quote that is not closed"),
        ('id,title,x\n1,Cat,y\n2,"Do\n3,Fox,z\n', "a quote that is not closed"),
        ("id,title,x\n1,Cat,y\n2,D", "shorter than the others"),
    ],
)
def test_a_cut_is_noticed(tmp_path: Path, content: str, doubt: str) -> None:
    table = table_of(tmp_path, content)
    assert len(list(table.rows())) == 2
    assert [doubt in found for found in table.doubts] == [True]


def test_a_cell_that_is_cut_keeps_what_came(tmp_path: Path) -> None:
    assert rows_of(tmp_path, 'id,title\n1,"Do')[0].cells["title"] == ("Do",)


@pytest.mark.parametrize(
    "content",
    ["id,title,x\n1,Cat\n2,Dog\n", 'id,title\n1,"a"\n', LINES, 'id,title\n1,A 5" nail\n', 'id,title\n1,A 5" nail'],
)
def test_a_whole_file_is_not_doubted(tmp_path: Path, content: str) -> None:
    table = table_of(tmp_path, content)
    list(table.rows())
    assert table.doubts == []


def test_a_file_of_one_column_asks_for_its_separator(tmp_path: Path) -> None:
    with pytest.raises(FeedError, match="--separator"):
        table_of(tmp_path, "a#b#c\n1#2#3\n")
    assert rows_of(tmp_path, "id#b#c\n1#2#3\n", separator="#")[0].cells["id"] == ("1",)


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    (tmp_path / "feed").write_bytes(b"id,title\n1," + b"x" * 5_000_000)
    with pytest.raises(FeedError, match="4,000,000 characters"):
        list(CsvTable(FeedFile(tmp_path / "feed", "feed")).rows())
