"""The owner's desk: Django's admin for items, rules, runs, tokens, and the page of what recommendations brought."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from catalog.browse.facets import forget_facets
from catalog.cards import preview_url
from catalog.models import Correction, Item
from catalog.owner.index_status import read_index_status
from catalog.owner.insights.views import hide_item, insights_csv, insights_page
from catalog.owner.models import ApiToken, Run, UsageCount
from catalog.owner.rule_admin import RuleAdmin
from catalog.owner.tokens import new_token
from catalog.products import price_text

__all__ = ["RuleAdmin"]  # registered by its import

admin.site.site_title = admin.site.site_header = _("The shop's desk")
admin.site.index_title = _("What would you like to do?")


def thumbnail(item_id: str) -> SafeString:
    """A small preview for a list."""
    return format_html(
        '<img class="desk-thumb" src="{}" alt="" loading="lazy" decoding="async">', preview_url(item_id, None, 160)
    )


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that the product writes itself: to be read."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class CorrectionInline(admin.StackedInline):
    model = Correction
    verbose_name = verbose_name_plural = _("What you say better than the shop")
    can_delete = True


class OnSaleFilter(admin.SimpleListFilter):
    title = _("on sale")
    parameter_name = "sale"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("yes", _("on sale")), ("no", _("no longer in the shop"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Item]) -> QuerySet[Item]:
        if self.value() in {"yes", "no"}:
            return queryset.filter(delisted_at__isnull=self.value() == "yes")
        return queryset


class RowForm(forms.ModelForm):
    """A row's fields in the list of items: each says whose it is, for who cannot see the column's head."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["aria-label"] = f"{field.label}: {self.instance}"


@admin.register(Item)
class ItemAdmin(admin.ModelAdmin):
    list_display = ("picture", "title", "hidden", "pinned", "costs", "in_stock", "category", "item_id")
    list_display_links = ("title",)
    list_editable = ("hidden", "pinned")
    list_filter = ("hidden", OnSaleFilter, "in_stock", "category")
    search_fields = ("item_id", "search_text")
    list_per_page = 50
    show_full_result_count = False
    fields = ("picture", "item_id", "hidden", "pinned", "title", "price", "currency", "category", "brand", "in_stock",
              "group_id", "shop_page", "source", "first_seen", "last_seen", "delisted_at")  # fmt: skip
    readonly_fields = tuple(name for name in fields if name not in {"hidden", "pinned"})
    inlines = (CorrectionInline,)
    actions = ("hide", "show_again", "unpin")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False  # items come by scrape, import_products and the API

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the next scrape would bring it back: hide it

    @admin.display(description=_("picture"))
    def picture(self, item: Item) -> SafeString:
        return thumbnail(item.item_id)

    def get_changelist_form(self, request: HttpRequest, **kwargs: Any) -> type[forms.ModelForm]:
        return super().get_changelist_form(request, form=RowForm, **kwargs)

    @admin.display(description=_("price"), ordering="price")
    def costs(self, item: Item) -> str:
        return price_text(item.price, item.currency) or "–"

    @admin.display(description=_("in the shop"))
    def shop_page(self, item: Item) -> str | SafeString:
        return format_html('<a href="{}" rel="noopener noreferrer">{}</a>', item.url, item.url) if item.url else "–"

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        # `search_text` is kept folded; so must be what is looked for.
        return super().get_search_results(request, queryset, search_term.casefold())

    def save_formset(self, request: HttpRequest, form: Any, formset: Any, change: bool) -> None:
        """Apply a correction to its item at once, and take it back when it is removed."""
        item: Item = form.instance
        for correction in formset.save(commit=False):
            before = Correction.objects.filter(pk=item.pk).first()
            if before is not None:
                before.restore(item)
            correction.correct(item)
            correction.save()
        for correction in formset.deleted_objects:
            correction.restore(item)
            correction.delete()
        item.save()
        formset.save_m2m()

    @admin.action(description=_("Hide from visitors"))
    def hide(self, request: HttpRequest, queryset: QuerySet[Item]) -> None:
        self._tell(request, queryset.update(hidden=True))

    @admin.action(description=_("Show to visitors again"))
    def show_again(self, request: HttpRequest, queryset: QuerySet[Item]) -> None:
        self._tell(request, queryset.update(hidden=False))

    @admin.action(description=_("Take from the front of the catalogue"))
    def unpin(self, request: HttpRequest, queryset: QuerySet[Item]) -> None:
        self._tell(request, queryset.update(pinned=None))

    def save_model(self, request: HttpRequest, obj: Item, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        forget_facets()

    def _tell(self, request: HttpRequest, count: int) -> None:
        forget_facets()
        text = ngettext("%(count)d item changed.", "%(count)d items changed.", count) % {"count": count}
        self.message_user(request, text, messages.SUCCESS)


@admin.register(Run)
class RunAdmin(ReadOnlyAdmin):
    list_display = ("started_at", "command", "outcome", "failed", "counted", "source", "seconds")
    list_filter = ("command", "outcome")
    fields = ("command", "source", "started_at", "seconds", "outcome", "counted", "message", "failure_list")
    change_list_template = "admin/owner/run_list.html"

    @admin.display(description=_("counts"))
    def counted(self, run: Run) -> str:
        return ", ".join(f"{name} {number:,}" for name, number in run.counts.items())

    @admin.display(description=_("failures"))
    def failed(self, run: Run) -> int:
        return len(run.failures)

    @admin.display(description=_("failures, with reasons"))
    def failure_list(self, run: Run) -> str:
        return "\n".join(f"{name}: {reason}" for name, reason in run.failures) or "–"

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        status = {"index_status": read_index_status()}
        return super().changelist_view(request, {**(extra_context or {}), **status})


@admin.register(UsageCount)
class UsageAdmin(ReadOnlyAdmin):
    """Not the rows but what they say."""

    def get_urls(self) -> list[URLPattern]:
        own = [
            path("counts.csv", self.admin_site.admin_view(insights_csv), name="owner_usagecount_csv"),
            path("hide/", self.admin_site.admin_view(hide_item), name="owner_usagecount_hide"),
        ]
        return [*own, *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        return insights_page(request, self.admin_site.each_context(request))


class TokenForm(forms.ModelForm):
    class Meta:
        model = ApiToken
        fields = ("name",)


@admin.register(ApiToken)
class ApiTokenAdmin(admin.ModelAdmin):
    form = TokenForm
    list_display = ("name", "created_at", "last_used_at")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: ApiToken, form: Any, change: bool) -> None:
        """Make the token and show it, once."""
        token, obj.digest = new_token()
        super().save_model(request, obj, form, change)
        text = gettext("The token, shown only now: %(token)s") % {"token": token}
        self.message_user(request, text, messages.WARNING)

    def response_add(self, request: HttpRequest, obj: ApiToken, post_url_continue: str | None = None) -> HttpResponse:
        from django.shortcuts import redirect

        return redirect(reverse("admin:owner_apitoken_changelist"))
