"""`manage.py evaluate_index`: how good the index's neighbours are, against labels or known pairs."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from indexing.build.neighbours import recorded
from indexing.errors import IndexingError
from indexing.evaluation.contact_sheet import contact_sheet, preview_pictures, write_contact_sheet
from indexing.evaluation.files import read_labels, read_pairs, read_query_ids
from indexing.evaluation.hubs import hubness
from indexing.evaluation.pair_scores import evaluate_pairs
from indexing.evaluation.plot import plot
from indexing.evaluation.ranking_scores import CUT
from indexing.evaluation.report import as_json, hubs_table, pairs_table, table
from indexing.evaluation.scores import retrieve, score
from indexing.index.file import load_index


class Command(BaseCommand):
    help = (
        "Score the index: the share of the nearest with the same label (P@k, mAP@10, MRR@10, nDCG@10), or of known pairs that "
        "find each other, with 95 % intervals; and how unevenly items stand in the answers (hubs)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--labels", type=Path, metavar="FILE.csv", help="columns id,label; a blank label is none")
        parser.add_argument("--pairs", type=Path, metavar="FILE.csv", help="columns id_a,id_b: does id_a find id_b?")
        parser.add_argument("--index", type=Path, default=settings.INDEX_PATH, metavar="FILE", help="default: %(default)s")
        parser.add_argument(
            "--queries", type=Path, metavar="FILE.csv", help="column id: only these ask (all labelled can be found)"
        )
        parser.add_argument("--k", type=int, nargs="+", default=[1, 5], metavar="K", help="the ks of P@k, default 1 5")
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
        parser.add_argument("--plot", type=Path, metavar="FILE.svg", help="draw P@k by label (.svg or .png; needs matplotlib)")

        parser.add_argument("--worst", type=int, metavar="N", help="write a page of the N worst queries (cosine) as HTML")
        parser.add_argument(
            "--sheet", type=Path, default=Path("worst.html"), metavar="FILE.html", help="where --worst writes (%(default)s)"
        )
        parser.add_argument(
            "--images", type=Path, default=settings.IMAGES_DIR, help="folder of previews, for --worst (%(default)s)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["labels"] is None and options["pairs"] is None:
            raise CommandError("Nothing to compare with: give --labels FILE.csv (id,label) or --pairs FILE.csv (id_a,id_b).")
        if options["plot"] and options["labels"] is None:
            raise CommandError("--plot draws scores by label: give --labels FILE.csv (id,label) too.")
        if options["worst"] is not None and options["labels"] is None:
            raise CommandError("--worst judges by labels: give --labels FILE.csv (id,label) too.")
        if min(options["k"]) < 1 or (options["worst"] is not None and options["worst"] < 1):
            raise CommandError("--k and --worst must be 1 or more.")
        try:
            labels = read_labels(options["labels"]) if options["labels"] else None
            pairs = read_pairs(options["pairs"]) if options["pairs"] else None
            query_ids = read_query_ids(options["queries"]) if options["queries"] else None
            index = load_index(options["index"])
            ids, vectors, ks = index.item_ids, index.vectors.astype("float32", copy=False), sorted(set(options["k"]))
            scores = None
            if labels:
                retrieval = retrieve(ids, vectors, labels, query_ids=query_ids, depth=max(CUT, *ks))
                scores = score(retrieval, ids, labels, ks)
                if options["plot"]:
                    plot(scores, options["plot"], f"{index.manifest.get('network')}: the same label among the nearest")
                if options["worst"]:
                    pictures = preview_pictures(options["images"], index)
                    page = contact_sheet(index, retrieval, "cosine", options["worst"], pictures)
                    write_contact_sheet(page, options["sheet"])
            hits = evaluate_pairs(ids, vectors, pairs) if pairs else None
            hubs = hubness(index)
        except IndexingError as error:
            raise CommandError(str(error)) from error
        if options["json"]:
            self.stdout.write(json.dumps(as_json(scores, hits, hubs, recorded(index)), indent=2, ensure_ascii=False))
            return
        tables = [
            *([table(scores)] if scores else []),
            *([pairs_table(hits)] if hits else []),
            hubs_table(hubs, recorded(index)),
        ]
        self.stdout.write("\n\n".join(tables))
        if options["worst"]:
            self.stdout.write(f"\nThe {options['worst']} worst queries: {options['sheet']}")
