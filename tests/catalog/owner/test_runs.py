"""What commands did is kept for the owner, however they ended."""

from pathlib import Path

import pytest
from django.core.management import CommandError
from django.test import Client

from catalog.owner.models import Change, Run
from indexing.signals import index_built
from recommender.runs import recorded_run
from tests.catalog.builders import MANIFEST, make_index, write_index


@pytest.mark.django_db
def test_a_run_is_kept_with_counts_and_reasons() -> None:
    with recorded_run("scrape", "https://shop.example/") as run:
        run.counts = {"met": 3}
        run.failures = [("7", "HTTP 404")]
    kept = Run.objects.get()
    assert (kept.command, kept.source, kept.outcome) == ("scrape", "https://shop.example/", "ok")
    assert (kept.counts, kept.failures) == ({"met": 3}, [["7", "HTTP 404"]])


@pytest.mark.django_db
@pytest.mark.parametrize(("code", "outcome"), [(1, "failed"), (130, "interrupted")])
def test_a_run_that_failed_is_kept_too(code: int, outcome: str) -> None:
    with pytest.raises(CommandError), recorded_run("build_index"):
        raise CommandError("No pictures.", returncode=code)
    assert (Run.objects.get().outcome, Run.objects.get().message) == (outcome, "No pictures.")


@pytest.mark.django_db
def test_another_network_is_noted_once() -> None:
    path = write_index()
    index_built.send(sender=None, path=path)
    index_built.send(sender=None, path=path)
    write_index(make_index(manifest={**MANIFEST, "network": "compact", "weights": {"label": "bundled"}}))
    index_built.send(sender=None, path=path)
    assert list(Change.objects.order_by("id").values_list("text", flat=True)) == [
        "network vgg16, imagenet",
        "network compact, bundled",
    ]


def test_the_page_of_runs_shows_the_index_and_the_command(owner: Client) -> None:
    Run.objects.create(command="scrape", source="https://shop.example/", failures=[["7", "HTTP 404"]])
    page = owner.get("/admin/owner/run/").content.decode()
    assert "vgg16, imagenet" in page
    assert ".venv/bin/python manage.py build_index" in page
    detail = owner.get(f"/admin/owner/run/{Run.objects.get().pk}/change/").content.decode()
    assert "7: HTTP 404" in detail


def test_without_an_index_the_page_says_so(owner: Client, settings: object, tmp_path: Path) -> None:
    settings.INDEX_PATH = tmp_path / "none.pkl"  # type: ignore[attr-defined]
    assert "There is no index at" in owner.get("/admin/owner/run/").content.decode()
