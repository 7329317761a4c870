"""Rules at the owner's desk: the list as sentences, a form with examples, and a page to try them on."""

from typing import Any, ClassVar, Final

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.models import Item
from catalog.owner.models import Rule
from catalog.owner.rule_preview import rule_preview


class RuleForm(forms.ModelForm):
    """A rule about something that no item has would never work: it is refused with the names there are."""

    class Meta:
        model = Rule
        fields = ("kind", "then_field", "then_value", "if_field", "if_value", "active", "note")
        labels: ClassVar[dict[str, Any]] = {
            "kind": _("What the rule does"),
            "then_field": _("Chosen by"),
            "then_value": _("Which category, brand, ItemID or price"),
            "if_field": _("Beside items chosen by"),
            "if_value": _("Beside which category, brand or ItemID"),
            "active": _("In force"),
            "note": _("Note for yourself"),
        }
        help_texts: ClassVar[dict[str, Any]] = {
            "then_field": _("Empty for “in stock first”."),
            "then_value": _("As the catalogue has it: Cats. A price as a number: 49.90. Empty for “always within the same”."),
            "if_field": _("“Any item”: the rule holds everywhere."),
            "if_value": _("As the catalogue has it: Dogs."),
        }
        widgets: ClassVar[dict[str, Any]] = {
            name: forms.TextInput(attrs={"list": "rule-names"}) for name in ("then_value", "if_value")
        }

    def full_clean(self) -> None:
        """The rule's own check comes first: it would miss a value that is refused here."""
        super().full_clean()
        data: dict[str, Any] = getattr(self, "cleaned_data", {})  # an empty form has none
        for side in ("if", "then"):
            field, value = data.get(f"{side}_field"), data.get(f"{side}_value")
            named = value and field in (Rule.Field.CATEGORY, Rule.Field.BRAND, Rule.Field.ITEM)
            if named and not Item.objects.filter(**{f"{field}__iexact": value}).exists():
                self.add_error(f"{side}_value", self._names(str(field)))

    @staticmethod
    def _names(field: str) -> str:
        if field == Rule.Field.ITEM:
            return gettext("There is no such item.")
        return gettext("No item has this. There are: %(names)s") % {"names": ", ".join(_names_of(field)[:20]) or "–"}


def _names_of(field: str) -> list[str]:
    """The categories or brands there are, at most 200."""
    names = Item.objects.exclude(**{field: ""}).order_by(field).values_list(field, flat=True).distinct()
    return list(names[:200])


# One of each kind, to show what the form's fields make.
EXAMPLES: Final = (
    Rule(kind="never", then_field="category", then_value="Cats", if_field="category", if_value="Dogs"),
    Rule(kind="never", then_field="price_above", then_value="200"),
    Rule(kind="within", then_field="category"),
    Rule(kind="pin", then_field="item_id", then_value="100123", if_field="brand", if_value="Acme"),
    Rule(kind="boost"),
)


@admin.register(Rule)
class RuleAdmin(admin.ModelAdmin):
    form = RuleForm
    list_display = ("sentence", "active", "note", "created_at")
    list_filter = ("active", "kind")
    change_list_template = "admin/owner/rule_list.html"
    change_form_template = "admin/owner/rule_form.html"
    fieldsets = (
        (None, {"fields": ("kind",)}),
        (_("Which items it is about"), {"fields": ("then_field", "then_value")}),
        (_("Beside which items it holds"), {"fields": ("if_field", "if_value")}),
        (None, {"fields": ("active", "note")}),
    )

    @admin.display(description=_("rule"), ordering="id")
    def sentence(self, rule: Rule) -> str:
        return str(rule)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        names = {"rule_names": [*_names_of("category"), *_names_of("brand")], "examples": EXAMPLES}
        return super().changeform_view(request, object_id, form_url, {**(extra_context or {}), **names})

    def get_urls(self) -> list[URLPattern]:
        own = path("preview/", self.admin_site.admin_view(rule_preview), name="owner_rule_preview")
        return [own, *super().get_urls()]
