"""Which column of a feed holds what. `FORMATS` is the reference that docs and `--explain` show."""

from collections.abc import Iterable, Mapping
from typing import Final

from scraping.errors import FeedError
from scraping.feeds.tables.rows import Row, column_key

FIELDS: Final[Mapping[str, str]] = {
    "id": "the product's own id, which becomes the ItemID",
    "title": "its name",
    "link": "its page in the shop",
    "picture": "its picture: an address, or a path relative to the feed",
    "more_pictures": "further pictures; several in one cell are separated by commas",
    "price": "what it costs, with or without a currency",
    "sale_price": "what it costs while it is on sale",
    "sale_dates": "when the sale price holds: start/end",
    "sale_from": "the first day of the sale price",
    "sale_to": "its last day",
    "currency": "the price's currency, where the price does not name it",
    "category": "its category; of a path such as Clothes > Shirts the last part",
    "brand": "who makes it",
    "availability": "in stock, out of stock, or how many there are",
    "group_id": "what the variants of one product share",
}

# For each field the keys (`rows.column_key`) of its columns; the first that a row fills counts.
PLAIN: Final[Mapping[str, tuple[str, ...]]] = {
    "id": (
        "id", "item_id", "product_id", "productid", "offer_id", "sku", "item_no", "item_number", "article", "article_number",
        "code", "product_code", "artikelnummer", "artikel_nr", "art_nr", "artnr", "référence", "réf",
        "reference", "referencia", "артикул", "код", "mpn", "gtin", "ean",
    ),
    "title": (
        "title", "name", "product_name", "product_title", "item_name", "productname", "bezeichnung", "produktname", "titel",
        "titre", "nom", "nombre", "título", "titolo", "nome", "название", "наименование",
    ),
    "link": (
        "link", "url", "product_url", "product_link", "productlink", "permalink", "canonical_link", "deeplink", "deep_link",
        "aw_deep_link", "page", "ссылка",
    ),
    "picture": (
        "image_link", "image", "image_url", "imageurl", "picture", "picture_url", "photo", "photo_url", "img", "img_url",
        "image_src", "main_image", "images", "pictures", "large_image", "merchant_image_url", "image_1", "image1",
        "thumbnail", "bild", "bild_url", "imagen", "immagine", "картинка", "изображение", "фото", "file", "filename", "path",
    ),
    "more_pictures": (
        "additional_image_link", "additional_images", "additional_image", "additional_image_url", "more_pictures", "images",
        "pictures", "image_2", "image_3", "image_4", "image_5", "image2", "image3", "image4", "image5", "alternate_image",
    ),
    "price": (
        "price", "regular_price", "current_price", "price_value", "price_amount", "amount", "search_price", "preis", "prix",
        "precio", "preço", "prezzo", "cena", "цена",
    ),
    "sale_price": ("sale_price", "special_price", "discount_price", "offer_price", "promo_price", "price_sale"),
    "sale_dates": ("sale_price_effective_date", "sale_dates"),
    "sale_from": ("sale_from", "sale_price_start_date", "special_price_from_date", "special_from_date"),
    "sale_to": ("sale_to", "sale_price_end_date", "special_price_to_date", "special_to_date"),
    "currency": ("currency", "currency_code", "currencyid", "price_currency", "währung", "devise", "moneda", "валюта"),
    "category": (
        "product_type", "category", "categories", "category_name", "category_path", "type", "kategorie", "catégorie",
        "categoría", "categoria", "категория", "google_product_category", "product_category",
    ),
    "brand": (
        "brand", "brand_name", "vendor", "manufacturer", "marke", "hersteller", "marque", "marca", "бренд", "производитель",
    ),
    "availability": (
        "availability", "in_stock", "stock_status", "is_in_stock", "available", "stock", "stock_quantity", "quantity", "qty",
        "inventory", "verfügbarkeit", "bestand", "disponibilité", "disponibilidad", "наличие",
    ),
    "group_id": ("item_group_id", "group_id", "parent_id", "parent_sku", "product_group_id", "style", "model_id"),
}  # fmt: skip
SHOPIFY: Final[Mapping[str, tuple[str, ...]]] = {
    "handle": ("handle", "url_handle"),
    "id": ("id", "handle", "url_handle"),
    "title": ("title",),
    "link": ("url", "online_store_url"),
    "picture": ("image_src", "product_image_url"),
    "position": ("image_position",),
    "variant_picture": ("variant_image", "variant_image_url"),
    "price": ("variant_price", "price"),
    "currency": ("currency",),
    "category": ("type", "custom_product_type", "product_category", "standard_product_type"),
    "brand": ("vendor",),
    "status": ("status",),
    "published": ("published", "published_on_online_store"),
    "tracker": ("variant_inventory_tracker", "inventory_tracker"),
    "quantity": ("variant_inventory_qty", "inventory_quantity"),
    "policy": ("variant_inventory_policy", "continue_selling_when_out_of_stock"),
}
WOOCOMMERCE: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id",),
    "type": ("type", "typ", "tipo", "тип"),
    "sku": ("sku", "artikelnummer", "ugs", "артикул"),
    "title": ("name", "nom", "nombre", "имя"),
    "link": ("permalink", "url", "external_url", "externe_url"),
    "picture": ("images", "bilder", "imágenes", "изображения"),
    "price": ("regular_price", "regulärer_preis", "tarif_régulier", "precio_normal", "базовая_цена"),
    "sale_price": ("sale_price", "angebotspreis", "tarif_promo", "precio_rebajado", "акционная_цена"),
    "sale_from": ("date_sale_price_starts", "datum_an_dem_angebotspreis_beginnt"),
    "sale_to": ("date_sale_price_ends", "datum_an_dem_angebotspreis_endet"),
    "currency": ("currency",),
    "category": ("categories", "kategorien", "catégories", "categorías", "категории"),
    "brand": ("brands", "brand", "marken", "marques", "marcas"),
    "availability": ("in_stock", "vorrätig", "en_stock", "inventario_disponible", "наличие"),
    "quantity": ("stock", "bestand", "stock_quantity"),
    "published": ("published", "veröffentlicht", "publié", "publicado", "опубликован"),
    "visibility": ("visibility_in_catalog", "sichtbarkeit_im_katalog", "visibilité_dans_le_catalogue"),
    "parent": ("parent", "übergeordnetes_produkt", "principal", "superior", "родительский"),
}
FORMATS: Final[Mapping[str, Mapping[str, tuple[str, ...]]]] = {"plain": PLAIN, "shopify": SHOPIFY, "woocommerce": WOOCOMMERCE}


def format_of(names: Iterable[str]) -> str:
    """Which of `FORMATS` a feed with these columns is of."""
    keys = {column_key(name) for name in names}
    if keys & {"handle", "url_handle"} and keys & {
        "variant_price",
        "variant_sku",
        "image_src",
        "product_image_url",
        "option1_value",
    }:
        return "shopify"
    if (
        keys & {*WOOCOMMERCE["type"]}
        and keys & {*WOOCOMMERCE["price"]}
        and keys & {*WOOCOMMERCE["published"], *WOOCOMMERCE["parent"]}
    ):
        return "woocommerce"
    return "plain"


class Columns:
    """Reads fields from rows. chosen: field → the column that a person named for it."""

    def __init__(self, format_name: str, names: Iterable[str] = (), chosen: Mapping[str, str] | None = None) -> None:
        self.format = format_name
        self._fields = dict(FORMATS[format_name])
        known = {column_key(name): name for name in names}
        for field, name in (chosen or {}).items():
            if field not in FIELDS:
                raise FeedError(f"{field!r} is no field: there are {', '.join(FIELDS)}.")
            if known and column_key(name) not in known:
                raise FeedError(f"There is no column {name!r}; there are: {', '.join(known.values())}.")
            self._fields[field] = (column_key(name),)

    def values(self, row: Row, field: str) -> tuple[str, ...]:
        """All of a field's values: of its first column that the row fills."""
        for key in self._fields.get(field, ()):
            if key in row.cells:
                return row.cells[key]
        return ()

    def all_values(self, row: Row, field: str) -> tuple[str, ...]:
        """The values of all of a field's columns."""
        return tuple(value for key in self._fields.get(field, ()) for value in row.cells.get(key, ()))

    def value(self, row: Row, field: str) -> str:
        """A field's first value, or ""."""
        return next(iter(self.values(row, field)), "")

    def reads(self, name: str) -> bool:
        """Whether any field may be read from this column."""
        return any(column_key(name) in keys for keys in self._fields.values())

    def column(self, field: str, names: Iterable[str]) -> str:
        """Which of the feed's columns a field is read from, or ""; the first of several."""
        known = {column_key(name): name for name in names}
        return next((known[key] for key in self._fields.get(field, ()) if key in known), "")
