"""`manage.py evaluate_taste`: which taste formula serves people best, played by labels."""

import json
from argparse import ArgumentParser
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from indexing.errors import IndexingError
from indexing.evaluation.files import read_labels
from indexing.index.file import load_index
from indexing.taste.evaluation import SERVED, TasteFigures, measure_taste
from indexing.taste.formulas import FORMULAS, PUSH


class Command(BaseCommand):
    help = (
        f"Measure the taste formulas: people who like three items of a label, or of two, are served {SERVED}; how many are of "
        "those labels? `after`: once they disliked the first three wrong ones. `both`: 1 when two labels get half each."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--labels", type=Path, required=True, metavar="FILE.csv", help="columns id,label; blank is none")
        parser.add_argument("--index", type=Path, default=settings.INDEX_PATH, metavar="FILE", help="default: %(default)s")
        parser.add_argument("--formula", choices=FORMULAS, nargs="+", default=list(FORMULAS), help="default: all")
        parser.add_argument("--push", type=float, nargs="+", default=[PUSH], metavar="W", help="weights of dislikes")
        parser.add_argument("--rounds", type=int, default=20, metavar="N", help="people a label, default 20")
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["rounds"] < 1:
            raise CommandError("--rounds must be 1 or more.")
        try:
            labels_by_id = read_labels(options["labels"])
            index = load_index(options["index"])
            labels = [labels_by_id.get(item_id, "") for item_id in index.item_ids]
            measured = {
                (formula, push): measure_taste(index.vectors, labels, formula, push, rounds=options["rounds"])
                for formula in options["formula"]
                for push in options["push"]
            }
        except (IndexingError, ValueError) as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            rows = [{"formula": formula, "push": push, **asdict(figures)} for (formula, push), figures in measured.items()]
            self.stdout.write(json.dumps(rows, indent=2))
            return
        names = [field.name for field in fields(TasteFigures)]
        self.stdout.write(f"{'formula':<9}{'push':>6}" + "".join(f"{name:>12}" for name in names))
        for (formula, push), figures in measured.items():
            self.stdout.write(f"{formula:<9}{push:>6.2f}" + "".join(f"{getattr(figures, name):>12.3f}" for name in names))
