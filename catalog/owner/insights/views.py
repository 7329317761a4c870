"""The owner's page of what recommendations brought, and the same as CSV."""

import csv
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.http import HttpRequest, StreamingHttpResponse
from django.template.response import TemplateResponse
from django.utils import timezone

from catalog.cards import preview_url
from catalog.owner.insights import plots
from catalog.owner.insights.rates import DEFAULT_PERIOD, PERIODS, ItemRow, read_insights
from catalog.owner.models import UsageCount
from catalog.products import fetch


def insights_page(request: HttpRequest, context: dict[str, Any]) -> TemplateResponse:
    """One sentence first, then the days, the places, and the items that lead on or never do. Raises nothing of its own."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, PERIODS) else DEFAULT_PERIOD
    insights = read_insights(days)
    bars, bars_top = plots.bars([day.rate.shown for day in insights.by_day])
    products = fetch([row.item_id for row in (*insights.leading, *insights.never)])

    def shown(rows: list[ItemRow]) -> list[dict[str, Any]]:
        return [
            {"row": row, "name": products[row.item_id].name, "picture": preview_url(row.item_id, None, 160)} for row in rows
        ]

    context |= {
        "title": "",
        "insights": insights,
        "periods": PERIODS,
        "bars": bars,
        "bars_top": bars_top,
        "rate_plot": plots.rates(insights.by_day),
        "marks": plots.marks(insights.by_day, {change.day for change in insights.changes}),
        "plot_width": days * plots.DAY_WIDTH,
        "leading": shown(insights.leading),
        "never": shown(insights.never),
        "counting": settings.USAGE_COUNTS,
    }
    return TemplateResponse(request, "admin/owner/insights.html", context)


class _Echo:
    """A file that gives back what is written, so that csv can stream."""

    def write(self, text: str) -> str:
        return text


def insights_csv(request: HttpRequest) -> StreamingHttpResponse:
    """Every count, one a line: day, place, item, shown, opened, shop."""
    writer = csv.writer(_Echo())
    columns = ("day", "place", "item_id", "shown", "opened", "shop")
    rows = UsageCount.objects.order_by("day", "place", "item_id").values_list(*columns)

    def lines() -> Iterator[str]:
        yield writer.writerow(columns)
        for row in rows.iterator(chunk_size=2000):
            yield writer.writerow(row)

    name = f"recommendations-{timezone.localdate():%Y-%m-%d}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8", headers=headers)
