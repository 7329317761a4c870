"""The one product that OpenGraph can call a page."""

import re

from bs4 import BeautifulSoup, Tag

from scraping.storefronts.prices.amounts import machine_price
from scraping.storefronts.prices.currencies import currency_of
from scraping.storefronts.structured_data.product import Product
from scraping.storefronts.urls import absolute


def open_graph_product(soup: BeautifulSoup, base_url: str) -> Product | None:
    """The product that OpenGraph calls the page, None where `og:type` is not a product's."""
    if not re.fullmatch(r"(?:og:)?product(?:\.item)?", meta_of(soup, "og:type"), re.IGNORECASE):
        return None
    name = meta_of(soup, "og:title")
    site = meta_of(soup, "og:site_name")
    if site:
        name = re.sub(rf"\s*[|–—:-]\s*{re.escape(site)}\s*$", "", name)
    amounts = [meta_of(soup, f"{key}:amount") for key in ("product:sale_price", "product:price", "og:price")]
    named = next((currency_of(meta_of(soup, f"{key}:currency")) for key in ("product:price", "og:price", "product:sale_price")
                  if meta_of(soup, f"{key}:currency")), "")  # fmt: skip
    price = next((machine_price(amount, named) for amount in amounts if amount), None)
    image = absolute(meta_of(soup, "og:image"), base_url)
    stock = meta_of(soup, "product:availability") or meta_of(soup, "og:availability")
    return Product(
        name=name,
        url=absolute(meta_of(soup, "og:url"), base_url) or "",
        images=(image,) if image else (),
        price=price,
        currency=named,
        sku=meta_of(soup, "product:retailer_item_id") or meta_of(soup, "product:retailer_part_no"),
        brand=meta_of(soup, "product:brand") or meta_of(soup, "og:brand"),
        category=meta_of(soup, "product:category"),
        in_stock=None if not stock else re.search(r"out|sold|oos|discont", stock, re.IGNORECASE) is None,
        syntax="OpenGraph",
        main=True,
    )


def meta_of(soup: BeautifulSoup, name: str) -> str:
    """The content of `<meta property>` or `<meta name>`, empty where there is none."""
    found = soup.find("meta", attrs={"property": name}) or soup.find("meta", attrs={"name": name})
    return " ".join(str(found.get("content") or "").split()) if isinstance(found, Tag) else ""
