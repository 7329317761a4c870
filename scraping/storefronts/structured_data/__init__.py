"""What a page says of products for machines: JSON-LD, microdata and OpenGraph, by one type."""

from itertools import islice
from typing import Final

from bs4 import BeautifulSoup

from scraping.storefronts.structured_data.json_ld_products import breadcrumb_of, json_ld_products
from scraping.storefronts.structured_data.microdata import microdata_products
from scraping.storefronts.structured_data.open_graph import open_graph_product
from scraping.storefronts.structured_data.product import Product

__all__ = ["MOST_PRODUCTS", "Product", "breadcrumb_of", "open_graph_product", "products_of"]

MOST_PRODUCTS: Final = 2_000


def products_of(soup: BeautifulSoup, base_url: str) -> list[Product]:
    """The products that the page's JSON-LD and microdata name, those of JSON-LD first; at most MOST_PRODUCTS."""
    found = [
        *islice(json_ld_products(soup, base_url), MOST_PRODUCTS),
        *islice(microdata_products(soup, base_url), MOST_PRODUCTS),
    ]
    return found[:MOST_PRODUCTS]
