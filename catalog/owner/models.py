"""What the owner's desk keeps: runs of commands, rules, counts of what visitors opened, tokens."""

from typing import ClassVar

from django.core.exceptions import ValidationError
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from catalog.owner.rule_sentences import rule_sentence

NETWORK = "network "  # what a change of network begins with


class Run(models.Model):
    """One run of `scrape`, `import_products` or `build_index`."""

    class Outcome(models.TextChoices):
        OK = "ok", _("done")
        FAILED = "failed", _("failed")
        INTERRUPTED = "interrupted", _("interrupted")

    command = models.CharField(_("command"), max_length=40)
    source = models.CharField(_("source"), max_length=2000, blank=True)
    started_at = models.DateTimeField(_("began"), default=timezone.now)
    seconds = models.FloatField(_("seconds"), default=0.0)
    outcome = models.CharField(_("outcome"), max_length=12, choices=Outcome.choices, default=Outcome.OK)
    counts = models.JSONField(default=dict, help_text="what became of how many")
    failures = models.JSONField(default=list, help_text="[what, reason] of what failed, the first few hundred")
    message = models.TextField(_("message"), blank=True)

    class Meta:
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        ordering: ClassVar[list[str]] = ["-started_at"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["-started_at"])]

    def __str__(self) -> str:
        return f"{self.command} {self.started_at:%Y-%m-%d %H:%M}"


class Rule(models.Model):
    """What is recommended with what. docs/explanation/rules.md explains each kind."""

    class Kind(models.TextChoices):
        NEVER = "never", _("never beside")
        WITHIN = "within", _("always within the same")
        PIN = "pin", _("pin first")
        BOOST = "boost", _("in stock first")

    class Field(models.TextChoices):
        ANY = "", _("any item")
        CATEGORY = "category", _("category")
        BRAND = "brand", _("brand")
        ITEM = "item_id", _("ItemID")
        PRICE_ABOVE = "price_above", _("price above")

    kind = models.CharField(_("what the rule does"), max_length=8, choices=Kind.choices)
    if_field = models.CharField(
        _("beside items whose"), max_length=12, blank=True, choices=[c for c in Field.choices if c[0] != "price_above"]
    )
    if_value = models.CharField(_("is"), max_length=200, blank=True)
    then_field = models.CharField(_("items whose"), max_length=12, blank=True, choices=[c for c in Field.choices if c[0]])
    then_value = models.CharField(_("is"), max_length=200, blank=True)
    active = models.BooleanField(_("in force"), default=True)
    note = models.CharField(_("note"), max_length=200, blank=True)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    class Meta:
        verbose_name = _("rule")
        verbose_name_plural = _("rules")
        ordering: ClassVar[list[str]] = ["-active", "id"]

    def __str__(self) -> str:
        return rule_sentence(self.kind, (self.then_field, self.then_value), (self.if_field, self.if_value))

    def clean(self) -> None:
        """Raise ValidationError for a rule that means nothing."""
        if self.if_field and not self.if_value:
            raise ValidationError({"if_value": _("Name the value, or choose any item.")})
        if self.kind == self.Kind.NEVER:
            if not self.then_field or not self.then_value:
                raise ValidationError({"then_field": _("Say which items are never shown: a category, a brand, a price.")})
            if self.then_field == self.Field.PRICE_ABOVE and not _is_number(self.then_value):
                raise ValidationError({"then_value": _("Give the price as a number: 49.90")})
        if self.kind == self.Kind.WITHIN and self.then_field not in (self.Field.CATEGORY, self.Field.BRAND):
            raise ValidationError({"then_field": _("Choose category or brand.")})
        if self.kind == self.Kind.PIN and (self.then_field != self.Field.ITEM or not self.then_value):
            raise ValidationError({"then_field": _("Choose ItemID and name the item that stands first.")})


def _is_number(text: str) -> bool:
    return text.replace(".", "", 1).isdecimal()


class Place(models.TextChoices):
    """Where an item was shown."""

    WALL = "wall", _("More like this")
    MEASURES = "measures", _("Three measures")
    PHOTO = "photo", _("Photo")
    FAVOURITES = "favourites", _("Favourites")
    WIDGET = "widget", _("Widget in the shop")
    RECENT = "recent", _("Recently seen")


class UsageCount(models.Model):
    """How often an item was shown, opened and followed to the shop, at one place on one day. Of nobody in particular."""

    day = models.DateField()
    place = models.CharField(max_length=12, choices=Place.choices)
    item_id = models.CharField(max_length=64)
    shown = models.PositiveIntegerField(default=0)
    opened = models.PositiveIntegerField(default=0)
    shop = models.PositiveIntegerField(default=0, help_text="followed to the shop")

    class Meta:
        verbose_name = _("count")
        verbose_name_plural = _("what it brought")
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["day", "place", "item_id"], name="owner_usage_once")
        ]

    def __str__(self) -> str:
        return f"{self.day} {self.place} {self.item_id}"


class Change(models.Model):
    """A day on which something changed that may move the counts: another network, a rule."""

    day = models.DateField(default=timezone.localdate)
    text = models.CharField(max_length=300)

    class Meta:
        ordering: ClassVar[list[str]] = ["-day", "-id"]

    def __str__(self) -> str:
        return f"{self.day}: {self.text}"

    @property
    def sentence(self) -> str:
        """`text` in the owner's words; catalog/owner/runs.py and apps.py write it."""
        kind, _colon, what = self.text.partition(": ")
        if self.text.startswith(NETWORK):
            return gettext("Pictures are compared by another network: %(name)s.") % {"name": self.text.removeprefix(NETWORK)}
        words = {"rule": gettext("In force: %(rule)s"), "rule removed": gettext("No longer in force: %(rule)s")}
        return words[kind] % {"rule": what} if kind in words else self.text


class ApiToken(models.Model):
    """Lets a program write through the API. Only its hash is kept, so it is shown once, when it is made."""

    name = models.CharField(_("name"), max_length=100, help_text=_("who uses it: “shop system”"))
    digest = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("token")
        verbose_name_plural = _("tokens of programs")

    def __str__(self) -> str:
        return self.name
