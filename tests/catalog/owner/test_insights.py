"""What the owner's page says of the counts."""

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from catalog.models import Item
from catalog.owner.insights import plots
from catalog.owner.insights.rates import Day, Rate, read_insights
from catalog.owner.models import Change, UsageCount

PAGE = "/admin/owner/usagecount/"


def add(item_id: str, shown: int, opened: int, *, place: str = "wall", ago: int = 0, shop: int = 0) -> None:
    day = timezone.localdate() - timedelta(days=ago)
    UsageCount.objects.create(day=day, place=place, item_id=item_id, shown=shown, opened=opened, shop=shop)


@pytest.mark.django_db
def test_sums_rates_and_the_period_before() -> None:
    add("a", 1000, 100, shop=40)
    add("b", 100, 0)
    add("a", 900, 20, ago=28)
    add("a", 5, 5, ago=60)
    insights = read_insights(28)
    assert insights.total == Rate(1100, 100, 40)
    assert insights.before == Rate(900, 20, 0)
    assert insights.comparison == "more"
    assert [row.item_id for row in insights.leading] == ["a"]
    assert [row.item_id for row in insights.never] == ["b"]
    assert len(insights.by_day) == 28
    assert insights.by_day[-1].rate.shown == 1100


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("now", "before", "comparison"),
    [((1000, 50), (1000, 52), "same"), ((1000, 20), (1000, 100), "less"), ((50, 5), (1000, 50), "unknown")],
)
def test_chance_is_not_called_a_change(now: tuple[int, int], before: tuple[int, int], comparison: str) -> None:
    add("a", *now)
    add("a", *before, ago=7)
    assert read_insights(7).comparison == comparison


def test_the_margin_is_the_normal_approximation() -> None:
    assert Rate(400, 40).percent_margin == pytest.approx(2.94, abs=0.01)
    assert Rate().percent_margin == 0


def test_few_counts_do_not_tell() -> None:
    assert not Rate(99, 50).tells
    assert not Rate(1000, 4).tells
    assert Rate(100, 5).tells


def test_the_page_says_one_sentence_first(owner: Client) -> None:
    add("a", 1200, 60, shop=12)
    add("b", 80, 1, place="recent")
    page = owner.get(PAGE).content.decode()
    assert "Of 1,280 items shown, <strong>61 were opened</strong>: 4.8 in a hundred." in page
    assert "12 of those led on to the shop." in page
    assert "too few to tell" in page
    assert "± 1.2" in page
    assert "Shirt a" in page


def test_nothing_yet_is_said(owner: Client) -> None:
    assert "Nothing was shown in this time." in owner.get(PAGE).content.decode()


@pytest.mark.parametrize("days", ["0", "-1", "1e9", "abc", "365"])
def test_another_period_is_the_usual_one(owner: Client, days: str) -> None:
    page = owner.get(PAGE, {"days": days}).content.decode()
    assert '<a href="?days=28" aria-current="true">' in page


def test_the_counts_as_csv(owner: Client) -> None:
    add("a", 3, 1)
    answer = owner.get(f"{PAGE}counts.csv")
    lines = answer.getvalue().decode().splitlines()
    assert lines == ["day,place,item_id,shown,opened,shop", f"{timezone.localdate()},wall,a,3,1,0"]
    assert answer["Content-Type"].startswith("text/csv")


@pytest.mark.parametrize(("value", "top"), [(0, 1), (1, 1), (3, 5), (6, 10), (21, 25), (26, 50), (100, 100)])
def test_axes_end_at_round_numbers(value: float, top: float) -> None:
    assert plots.round_up(value) == top


def test_bars_stand_on_the_ground() -> None:
    bars, top = plots.bars([0, 5, 10])
    assert top == 10
    assert [(bar.x, bar.y, bar.height) for bar in bars] == [(2, 100, 0), (12, 50, 50), (22, 0, 100)]


def test_the_rate_line_leaves_out_empty_days() -> None:
    today = timezone.localdate()
    plot = plots.rates([Day(today, Rate(100, 10)), Day(today, Rate()), Day(today, Rate(100, 10))])
    assert [point.split(",")[0] for point in plot.points.split()] == ["5", "25"]
    assert len(plot.band.split()) == 4


def test_changes_are_marked_on_their_day() -> None:
    today = timezone.localdate()
    days = [Day(today - timedelta(days=1), Rate()), Day(today, Rate())]
    assert plots.marks(days, {today}) == [15]


def test_an_item_that_never_leads_on_is_hidden_from_there(owner: Client) -> None:
    add("a", 500, 0)
    page = owner.get(PAGE).content.decode()
    assert 'name="item" value="a"' in page


def test_hiding_names_the_item_and_can_be_undone(owner: Client) -> None:
    add("a", 500, 0)
    page = owner.post(f"{PAGE}hide/", {"item": "a", "days": "7"}, follow=True)
    html = page.content.decode()
    assert page.redirect_chain == [(f"{PAGE}?days=7&changed=a", 302)]
    assert Item.objects.get(pk="a").hidden
    assert "“Shirt a” is hidden from visitors." in html
    assert re.search(r'<div class="desk-done" role="status">.*name="show" value="1"><button[^>]*>Undo', html)
    assert "Show again" in html  # in the list, too
    html = owner.post(f"{PAGE}hide/", {"item": "a", "days": "7", "show": "1"}, follow=True).content.decode()
    assert not Item.objects.get(pk="a").hidden
    assert "Visitors see “Shirt a” again." in html


def test_hiding_an_item_needs_the_right_to_change_it(owner: Client) -> None:
    reader = Client()
    reader.force_login(User.objects.create_user("reader", is_staff=True))
    assert reader.post(f"{PAGE}hide/", {"item": "a"}).status_code == 403
    assert owner.get(f"{PAGE}hide/").status_code == 405
    assert not Item.objects.get(pk="a").hidden


@pytest.mark.parametrize(("item", "days"), [("zzz", "7"), ("", "x"), ("<b>", "-1")])
def test_hiding_what_is_not_there_changes_nothing(owner: Client, item: str, days: str) -> None:
    page = owner.post(f"{PAGE}hide/", {"item": item, "days": days}, follow=True)
    assert page.status_code == 200
    assert "is hidden" not in page.content.decode()


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("network lite0, bundled", "Pictures are compared by another network: lite0, bundled."),
        ("rule: Never show Cats.", "In force: Never show Cats."),
        ("rule removed: Never show Cats.", "No longer in force: Never show Cats."),
        ("something else", "something else"),
    ],
)
def test_a_change_is_a_sentence(text: str, sentence: str) -> None:
    with override("en"):
        assert Change(text=text).sentence == sentence
