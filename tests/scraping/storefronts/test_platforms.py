import pytest

from scraping.storefronts.base import Source
from scraping.storefronts.platforms.detection import Platform, is_password_page, platform_of, shopify_currency

SHOPIFY = "<script>Shopify.shop = 'a.myshopify.com';</script>"
WOO = "<link href='/wp-content/plugins/woocommerce/a.css'><body class='home'>"


@pytest.mark.parametrize(
    ("stated", "currency"),
    [
        ('{"active":"CAD","rate":"1.0"}', "CAD"),
        ('{"active":"CAD","rate":"1.37"}', ""),  # converted for the visitor: products.json has other prices
        ('{"active":"CAD"}', "CAD"),
        ('{"active":"dollars"}', ""),
        ("{broken}", ""),
        ('{"rate":"much"}', ""),
    ],
)
def test_the_currency_of_a_shopify_page(stated: str, currency: str) -> None:
    text = f"<meta property='og:price:currency' content='USD'><script>Shopify.currency = {stated};</script>"
    assert shopify_currency(Source("https://s.example/", text)) == currency


def test_a_theme_that_does_not_state_it_may_name_it_elsewhere() -> None:
    source = Source("https://s.example/", "<meta property='og:price:currency' content='AUD'>")
    assert shopify_currency(source) == "AUD"


@pytest.mark.parametrize(
    ("text", "url", "platform"),
    [
        (SHOPIFY, "https://s.example/collections/a", Platform("shopify", "https://s.example/collections/a")),
        (SHOPIFY, "https://s.example/en-ca/collections/a?page=1", Platform("shopify", "https://s.example/en-ca/collections/a")),
        (SHOPIFY, "https://s.example/products/a", Platform("shopify", "")),
        (SHOPIFY, "https://s.example/collections/a?page=3", Platform("shopify", "")),
        (WOO, "https://s.example/", Platform("woocommerce", "https://s.example/wp-json/wc/store/v1/products")),
        (WOO.replace("home", "page"), "https://s.example/about", Platform("woocommerce", "")),
        (WOO, "https://s.example/?min_price=5", Platform("woocommerce", "")),
        ("<h1>A shop</h1>", "https://s.example/collections/a", None),
    ],
)
def test_what_a_page_shows_of_its_system(text: str, url: str, platform: Platform | None) -> None:
    assert platform_of(Source(url, text)) == platform


def test_a_header_is_a_sign_too() -> None:
    assert platform_of(Source("https://s.example/pages/a", "", {"x-shopid": "1"})) == Platform("shopify", "")


@pytest.mark.parametrize(
    ("text", "is_door"),
    [
        ("<form action='/password'><input type=password></form>" + "<a href=/a>a</a>" * 20, True),
        ("<form><input type=password name=post_password></form>" + "<a href=/a>a</a>" * 20, True),
        ("<form><input type=password></form>", True),
        ("<form action=/login><input type=password></form>" + "<a href=/a>a</a>" * 20, False),
        ("<h1>Shirts</h1>", False),
    ],
)
def test_a_password_page(text: str, is_door: bool) -> None:
    assert is_password_page(Source("https://s.example/a", text)) is is_door
