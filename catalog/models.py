"""`Item`: a product as the shop shows it."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, ClassVar, Final

from django.core.validators import RegexValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from catalog.browse.search_text import SearchTextField
from indexing.index.item_ids import ITEM_ID_PATTERN, is_item_id

# Scraping, which does not import indexing, takes is_item_id from here.
__all__ = ["Correction", "Item", "PushedItem", "is_item_id"]

STYLE_LENGTH: Final = 60


class ItemQuerySet(models.QuerySet["Item"]):
    """Items, and which of them visitors may see."""

    def on_sale(self) -> "ItemQuerySet":
        """What the shop still shows and the owner does not hide."""
        return self.filter(delisted_at__isnull=True, hidden=False)


class Item(models.Model):
    """A product. Its preview is the file `<item_id>.jpg` in `settings.IMAGES_DIR`; its vector is in the index."""

    item_id = models.CharField("ItemID", primary_key=True, max_length=64, validators=[RegexValidator(rf"^{ITEM_ID_PATTERN}\Z")])
    title = models.CharField(_("title"), max_length=500, blank=True)
    price = models.DecimalField(_("price"), max_digits=12, decimal_places=2, null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3, blank=True, help_text="ISO 4217, as the shop names it: EUR")
    url = models.URLField(_("address in the shop"), max_length=2000, blank=True, help_text="the product's page in the shop")
    image_url = models.URLField(max_length=2000, blank=True, help_text="where its preview came from")
    category = models.CharField(_("category"), max_length=200, blank=True)
    source = models.CharField(_("source"), max_length=2000, blank=True, help_text="the category it was scraped from")
    dominant_colour = models.CharField(max_length=16, blank=True, help_text="a name of the palette, from the index")
    width = models.PositiveIntegerField(null=True, blank=True, help_text="the preview's, in pixels, upright; null: not known")
    height = models.PositiveIntegerField(null=True, blank=True, help_text="the preview's, in pixels, upright; null: not known")
    style = models.CharField(
        max_length=STYLE_LENGTH,
        blank=True,
        default="",
        editable=False,
        help_text="the word of the owner's list that sets it apart, from the index",
    )
    in_stock = models.BooleanField(
        _("in stock"), null=True, blank=True, help_text="whether it can be bought now; null: not known"
    )
    brand = models.CharField(_("brand"), max_length=200, blank=True, default="")
    group_id = models.CharField(
        _("group of variants"), max_length=200, blank=True, default="", help_text="what the variants of one product share"
    )
    more_pictures = models.JSONField(default=list, blank=True, help_text="addresses of its further pictures")
    first_seen = models.DateTimeField(_("first seen"), auto_now_add=True)
    last_seen = models.DateTimeField(_("last seen"), help_text="when a scrape last met it")
    search_text = SearchTextField(blank=True, default="", editable=False, help_text="title, brand, category and id, folded")
    hidden = models.BooleanField(_("hidden"), default=False, help_text=_("shown to no visitor, recommended nowhere"))
    pinned = models.PositiveSmallIntegerField(
        _("pinned"), null=True, blank=True, help_text=_("its place at the front of the catalogue, 1 first")
    )
    delisted_at = models.DateTimeField(
        _("gone since"), null=True, blank=True, help_text="when a complete scrape of its source no longer met it"
    )

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = _("item")
        verbose_name_plural = _("items")
        ordering: ClassVar[list[str]] = ["item_id"]
        indexes: ClassVar[list[models.Index]] = [
            # With delisted_at in them these two also count what is on sale without reading a row.
            models.Index(fields=["category", "delisted_at", "item_id"]),
            models.Index(fields=["dominant_colour", "delisted_at", "item_id"]),
            models.Index(fields=["price", "item_id"]),
            models.Index(fields=["first_seen", "item_id"]),
            models.Index(fields=["source", "last_seen"]),
            # A few rows of many: the front of the catalogue is read without looking through it.
            models.Index(fields=["pinned", "item_id"], condition=models.Q(pinned__isnull=False), name="catalog_item_pinned"),
            models.Index(fields=["style", "item_id"], condition=~models.Q(style=""), name="catalog_item_style"),
        ]

    def __str__(self) -> str:
        return self.title or self.item_id

    def write(self, fields: Mapping[str, Any]) -> None:
        """Save these fields as the shop's word, under the owner's correction where there is one; it is on sale again."""
        correction = Correction.objects.filter(pk=self.pk).first()
        if correction is not None:
            correction.restore(self)
        for name, value in fields.items():
            setattr(self, name, Decimal(value) if name == "price" and value is not None else value)
        if correction is not None:
            correction.correct(self)
        self.delisted_at = None
        self.last_seen = timezone.now()
        self.save()
        if correction is not None:
            correction.save()


class Correction(models.Model):
    """What the owner says better than the shop: kept through every scrape, taken back when it is removed."""

    FIELDS: ClassVar[tuple[str, ...]] = ("title", "price", "currency", "category")

    item = models.OneToOneField(Item, on_delete=models.CASCADE, primary_key=True, related_name="correction")
    title = models.CharField(_("title"), max_length=500, blank=True, help_text=_("empty: the shop's"))
    price = models.DecimalField(
        _("price"), max_digits=12, decimal_places=2, null=True, blank=True, help_text=_("empty: the shop's")
    )
    currency = models.CharField(_("currency"), max_length=3, blank=True, help_text=_("empty: the shop's"))
    category = models.CharField(_("category"), max_length=200, blank=True, help_text=_("empty: the shop's"))
    shop = models.JSONField(default=dict, editable=False, help_text="what the shop itself says of these fields")

    def __str__(self) -> str:
        return f"correction of {self.item_id}"

    def correct(self, item: Item) -> None:
        """Put the owner's words into `item`'s fields, and keep the shop's; saves neither."""
        self.shop = {name: _plain(getattr(item, name)) for name in self.FIELDS}
        for name in self.FIELDS:
            value = getattr(self, name)
            if value not in (None, ""):
                setattr(item, name, value)

    def restore(self, item: Item) -> None:
        """Put the shop's own words back into `item`'s fields; saves neither."""
        for name, value in self.shop.items():
            if name in self.FIELDS:
                setattr(item, name, Decimal(value) if name == "price" and value is not None else value)


class PushedItem(models.Model):
    """An item that a program sent and no build has taken up yet, with its picture or the address of it."""

    item_id = models.CharField(primary_key=True, max_length=64, validators=[RegexValidator(rf"^{ITEM_ID_PATTERN}\Z")])
    fields = models.JSONField(default=dict, help_text="title, price, …, as sent")
    picture = models.BinaryField(null=True, blank=True)
    picture_url = models.URLField(max_length=2000, blank=True)
    received_at = models.DateTimeField(auto_now=True)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=300, blank=True, help_text="why it could not be taken up the last time")

    class Meta:
        ordering: ClassVar[list[str]] = ["received_at", "item_id"]

    def __str__(self) -> str:
        return self.item_id


def _plain(value: str | Decimal | None) -> str | None:
    """As JSON keeps it."""
    return None if value is None else str(value)
