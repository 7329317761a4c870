"""The owner's page of what recommendations brought, and the same as CSV."""

import csv
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from catalog.browse.facets import forget_facets
from catalog.cards import preview_url
from catalog.models import Item, is_item_id
from catalog.owner.insights import plots
from catalog.owner.insights.rates import DEFAULT_PERIOD, PERIODS, ItemRow, read_insights
from catalog.owner.models import UsageCount
from catalog.products import COLUMNS, Product, fetch, from_row


def insights_page(request: HttpRequest, context: dict[str, Any]) -> TemplateResponse:
    """One sentence first, then the days, the places, and the items that lead on or never do. Raises nothing of its own."""
    asked = request.GET.get("days", "")
    days = int(asked) if asked in map(str, PERIODS) else DEFAULT_PERIOD
    insights = read_insights(days)
    bars, bars_top = plots.bars([day.rate.shown for day in insights.by_day])
    products = fetch([row.item_id for row in (*insights.leading, *insights.never)])

    def shown(rows: list[ItemRow]) -> list[dict[str, Any]]:
        return [{"row": row, "product": products[row.item_id], "picture": preview_url(row.item_id, None, 160)} for row in rows]

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
        "changed": _changed(request.GET.get("changed", "")),
    }
    return TemplateResponse(request, "admin/owner/insights.html", context)


@require_POST
@permission_required("catalog.change_item", raise_exception=True)
def hide_item(request: HttpRequest) -> HttpResponse:
    """`item` is hidden from visitors, with `show` shown again; then back to the page of the same `days`, which names it."""
    item_id, days = request.POST.get("item", ""), request.POST.get("days", "")
    Item.objects.filter(pk=item_id).update(hidden="show" not in request.POST)
    forget_facets()
    query = urlencode({"days": days if days in map(str, PERIODS) else DEFAULT_PERIOD, "changed": item_id})
    return redirect(f"{reverse('admin:owner_usagecount_changelist')}?{query}")


def _changed(item_id: str) -> Product | None:
    """The item that was just hidden or shown again."""
    row = Item.objects.filter(pk=item_id).values_list(*COLUMNS).first() if is_item_id(item_id) else None
    return None if row is None else from_row(row)


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
