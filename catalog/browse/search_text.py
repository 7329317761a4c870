"""What search looks in: a product's words, folded so that case, accents' spelling and spaces do not matter."""

import re
import unicodedata
from typing import Any

from django.db import models

_SPACES = re.compile(r"\s+")
_SEARCHED = ("title", "brand", "category", "item_id")


def folded(text: str) -> str:
    """Casefolded, compatibility-normalised, single-spaced: "Футболка  КОТ" and "футболка кот" are the same."""
    return _SPACES.sub(" ", unicodedata.normalize("NFKC", text).casefold()).strip()


def words(query: str) -> list[str]:
    """The words of a query, folded; at most eight."""
    return folded(query).split(" ")[:8] if folded(query) else []


class SearchTextField(models.TextField):
    """Filled from the item's title, brand, category and id whenever the item is saved.

    SQLite folds the case of ASCII only, so the folding is done here and kept in a column. A bulk update of titles
    must name this column too.
    """

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        # A migration's model may be older than one of these columns.
        value = folded(" ".join(str(getattr(model_instance, name, "")) for name in _SEARCHED))
        setattr(model_instance, self.attname, value)
        return value
