"""`manage.py learn_head`: teach lite0 the shop's own categories, if that makes its neighbours better."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from catalog.models import Item
from indexing.errors import IndexingError
from indexing.evaluation.files import read_labels
from indexing.heads.catalogue import learn_from_index
from indexing.heads.head import head_digest
from indexing.heads.report import comparison_table, verdict
from indexing.heads.store import forget_head, keep_head
from indexing.index.file import load_index
from recommender.database import ensure_tables

NEXT = "Next: manage.py build_index --network lite0 (no picture is read again)."


class Command(BaseCommand):
    help = (
        "Learn a small head on lite0 from the catalogue's categories and variants. It is kept only where it finds more of the "
        "same category than the bundled one, by more than chance, for products that it has not seen. The index stays as it is "
        "until the next build_index."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--labels", type=Path, metavar="FILE.csv", help="columns id,label; default: the categories")
        parser.add_argument("--index", type=Path, default=settings.INDEX_PATH, metavar="FILE", help="default: %(default)s")
        parser.add_argument("--forget", action="store_true", help="go back to the bundled head")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["forget"]:
                forgotten = forget_head(settings.HEADS_DIR)
                self.stdout.write(f"The learned head is forgotten. {NEXT}" if forgotten else "No head was learned.")
                return
            index = load_index(options["index"])
            ensure_tables()
            items = Item.objects.order_by()
            labels = read_labels(options["labels"]) if options["labels"] else dict(items.values_list("pk", "category"))
            head, comparison = learn_from_index(index, labels, dict(items.values_list("pk", "group_id")))
            self.stdout.write(f"{comparison_table(comparison)}\n\n{verdict(comparison)}")
            if comparison.wins:
                path = keep_head(settings.HEADS_DIR, head, in_use=head_digest(index.manifest))
                self.stdout.write(f"Kept: {path}. {NEXT} learn_head --forget takes it back.")
        except (IndexingError, OSError) as error:
            raise CommandError(str(error)) from error
