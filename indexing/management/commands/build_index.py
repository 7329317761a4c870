"""`manage.py build_index`: the folder of previews → the index file."""

import time
from argparse import ArgumentTypeError
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from indexing.build.build import BuildOptions, build_index
from indexing.build.neighbours import SEARCHES
from indexing.build.previews import MIN_BYTES
from indexing.build.progress import bar
from indexing.build.report import BuildReport, summary
from indexing.encoders.source import PREFIX, is_encoder
from indexing.engines import ENGINES, PRECISION_CHOICES
from indexing.errors import IndexingError
from indexing.nearest.half import STORES
from indexing.networks.registry import names
from indexing.signals import index_built
from recommender.runs import build_starting, recorded_run


class Command(BaseCommand):
    help = "Make a vector of every preview and write the index that the site serves. Interrupted, it goes on where it stopped."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--images", type=Path, default=settings.IMAGES_DIR, help="folder of <ItemID>.jpg (%(default)s)")
        parser.add_argument("--index", type=Path, default=settings.INDEX_PATH, help="the file to write (%(default)s)")
        parser.add_argument(
            "--network",
            type=network_name,
            default="auto",
            metavar="|".join(["auto", *names(), "onnx:REPO_OR_FOLDER"]),
            help="what makes vectors (%(default)s)",
        )
        parser.add_argument("--weights", metavar="imagenet|random|bundled|FILE", help="default: the best that can be had")
        parser.add_argument("--seed", type=int, default=0, help="for --weights random")
        parser.add_argument("--engine", choices=ENGINES, default="auto", help="what runs the network (%(default)s)")
        parser.add_argument(
            "--precision",
            choices=PRECISION_CHOICES,
            default="auto",
            help="of the engine's arithmetic (%(default)s: the fastest)",
        )
        parser.add_argument("--batch-size", type=positive, metavar="N", help="pictures at a time; default: the engine's best")
        parser.add_argument("--threads", type=positive, metavar="N", help="default: every core")
        parser.add_argument(
            "--min-bytes", type=int, default=MIN_BYTES, metavar="N", help="leave smaller files out (%(default)s)"
        )
        parser.add_argument(
            "--neighbours",
            choices=SEARCHES,
            default="auto",
            help="compare all pairs, or measured candidates (%(default)s: by size)",
        )
        parser.add_argument("--store", choices=STORES, default="float32", help="how vectors are kept; float16: half the disk")
        parser.add_argument("--rebuild", action="store_true", help="compute every vector again")
        parser.add_argument("--dask", metavar="ADDRESS", help="spread the work over a Dask cluster: tcp://scheduler:8786")

        parser.add_argument(
            "--watch", type=positive, nargs="?", const=10, metavar="SECONDS", help="stay, and build when the folder changes"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        build_options = BuildOptions(
            cache_dir=settings.CACHE_DIR,
            heads=settings.HEADS_DIR,
            **{name: options[name] for name in BuildOptions.__slots__ if name in options},
        )
        if options["watch"] is None:
            self._run(build_options)
        else:
            self._watch(build_options, options["watch"])

    def _watch(self, build_options: BuildOptions, seconds: int) -> None:
        """Build whenever the folder has changed, until interrupted."""
        self.stdout.write(f"Watching {build_options.images}; Ctrl+C stops.")
        built: int | None = None
        try:
            while True:
                self._announce(build_options)
                changed = build_options.images.stat().st_mtime_ns if build_options.images.is_dir() else None
                if changed is not None and changed != built:
                    try:
                        self._run(build_options)
                    except CommandError as error:  # told, and tried again when the folder changes
                        self.stderr.write(str(error))
                    built = changed
                time.sleep(seconds)
        except KeyboardInterrupt:
            self.stdout.write("Stopped watching.")

    def _announce(self, build_options: BuildOptions) -> None:
        for receiver, answer in build_starting.send_robust(sender=Command, images=build_options.images):
            if isinstance(answer, Exception):
                self.stderr.write(f"Note: {receiver.__name__} failed: {answer}")

    def _run(self, build_options: BuildOptions) -> None:
        with recorded_run("build_index", str(build_options.images)) as run:
            report = self._build(build_options)
            counted = ("items", "added", "changed", "removed", "unchanged", "computed")
            run.counts = {name: getattr(report, name) for name in counted} | {"skipped": len(report.skipped)}
            run.failures = list(report.skipped.items())

    def _build(self, build_options: BuildOptions) -> BuildReport:
        self._announce(build_options)
        try:
            report = build_index(build_options, log=self.stdout.write, progress=bar)
        except IndexingError as error:
            raise CommandError(str(error)) from error
        except KeyboardInterrupt:
            raise CommandError("Stopped. The vectors made so far are kept: run build_index again to go on.") from None
        for receiver, answer in index_built.send_robust(sender=Command, path=build_options.index):
            if isinstance(answer, Exception):
                report.notes.append(f"the index is in its place, but {receiver.__name__} failed: {answer}")
        for line in summary(report):
            self.stdout.write(line)
        return report


def network_name(text: str) -> str:
    """`auto`, one of our own networks, or an encoder, for argparse."""
    if text not in ("auto", *names()) and not is_encoder(text):
        raise ArgumentTypeError(f"{text!r} is none of auto, {', '.join(names())}, {PREFIX}REPO_OR_FOLDER")
    return text


def positive(text: str) -> int:
    """An integer of at least 1, for argparse."""
    number = int(text)
    if number < 1:
        raise ValueError
    return number
