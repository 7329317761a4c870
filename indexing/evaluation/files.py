"""Reading what `evaluate_index` compares with: labels, pairs and lists of ItemIDs, as CSV files with a header."""

import csv
from collections import Counter
from pathlib import Path

from indexing.errors import EvaluationError


def read_labels(path: Path) -> dict[str, str]:
    """Label by ItemID from a file with the columns `id,label`; a blank label is kept blank. Raises EvaluationError."""
    rows = _rows(path, ("id", "label"))
    labels = dict(rows)
    if len(labels) < len(rows):
        twice = next(item_id for item_id, times in Counter(item_id for item_id, _ in rows).items() if times > 1)
        raise EvaluationError(f"{path} labels {twice} twice: keep one line for each item.")
    return labels


def read_pairs(path: Path) -> list[tuple[str, str]]:
    """Pairs of ItemIDs (the asker, its partner) from a file with the columns `id_a,id_b`. Raises EvaluationError."""
    return _rows(path, ("id_a", "id_b"))


def read_query_ids(path: Path) -> frozenset[str]:
    """ItemIDs from a file with the column `id`; other columns are ignored. Raises EvaluationError."""
    return frozenset(item_id for item_id, _ in _rows(path, ("id", "id")))


def _rows(path: Path, columns: tuple[str, str]) -> list[tuple[str, str]]:
    header = ",".join(dict.fromkeys(columns))
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            reader = csv.DictReader(file)
            if not set(columns) <= set(reader.fieldnames or ()):
                raise EvaluationError(f"{path} must begin with the line {header}; it begins with {reader.fieldnames}.")
            rows = [((row[columns[0]] or "").strip(), (row[columns[1]] or "").strip()) for row in reader]
    except OSError as error:
        raise EvaluationError(
            f"{path} cannot be read: {error.strerror}. It should be a CSV file with the columns {header}."
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise EvaluationError(f"{path} is not a CSV file in UTF-8: {error}.") from error
    rows = [row for row in rows if row[0]]
    if not rows:
        raise EvaluationError(f"{path} has no lines under its header {header}.")
    return rows
