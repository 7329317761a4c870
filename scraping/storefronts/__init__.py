"""Readers of storefronts by name. To add one: CONTRIBUTING.md, "Add a storefront"."""

from typing import Final

from scraping.storefronts.base import Storefront
from scraping.storefronts.html import HtmlStorefront
from scraping.storefronts.platforms.shopify import ShopifyStorefront
from scraping.storefronts.platforms.woocommerce import WooCommerceStorefront
from scraping.storefronts.sitemap import SitemapStorefront

STOREFRONTS: Final[dict[str, Storefront]] = {
    reader.name: reader for reader in (HtmlStorefront(), ShopifyStorefront(), WooCommerceStorefront(), SitemapStorefront())
}
