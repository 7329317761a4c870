"""The price to pay now, out of what shops write; `$` and `kr` are unknown unless something settles them."""

from decimal import Decimal

import pytest

from scraping.storefronts.prices.amounts import machine_price, parse_price, shows_money


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("12.30 €", "12.30", "EUR"),
        ("1.234,56 €", "1234.56", "EUR"),
        ("$1,299.00", "1299.00", ""),
        ("US$ 15", "15", "USD"),
        ("12 990 ₽", "12990", "RUB"),
        ("12\u00a0990,50 руб.", "12990.50", "RUB"),
        ("12\u2009990 ₽", "12990", "RUB"),
        ("CHF 1'299.95", "1299.95", "CHF"),
        ("CHF 1'299.–", "1299", "CHF"),
        ("1.299 €", "1299", "EUR"),
        ("£0.99", "0.99", "GBP"),
        ("$.75", "0.75", ""),
        ("19,- Kč", "19", "CZK"),
        ("₹1,23,456.00", "123456.00", "INR"),
        ("₹ 1,29,999", "129999", "INR"),
        ("Rs.499", "499", "INR"),
        ("1234,5 PLN", "1234.50", "PLN"),
        ("1.000.000 ₫", "1000000", "VND"),
        ("49.90", "49.90", ""),
        ("34.9900 €", "34.99", "EUR"),
        ("12€99", "12.99", "EUR"),
        ("EUR19.99", "19.99", "EUR"),
        ("19,99 eur", "19.99", "EUR"),
        ("$25 CAD", "25", "CAD"),
        ("USD 25", "25", "USD"),
        ("NT$1,290", "1290", "TWD"),
        ("AU $25.00", "25", "AUD"),
        ("A$20", "20", "AUD"),
        ("C$30", "30", "CAD"),
        ("RD$ 1,500.00", "1500", "DOP"),
        ("AR$ 15.999,00", "15999", "ARS"),
        ("R$ 1.299,90", "1299.90", "BRL"),
        ("HK$388", "388", "HKD"),
        ("S$25", "25", "SGD"),
        ("MX$ 499", "499", "MXN"),
        ("S/ 49.90", "49.90", "PEN"),
        ("RM 49.90", "49.90", "MYR"),
        ("Rp 150.000", "150000", "IDR"),
        ("149 lei", "149", "RON"),
        ("1.299,90 TL", "1299.90", "TRY"),
        ("1299 ₺", "1299", "TRY"),
        ("1 990 р.", "1990", "RUB"),
        ("15 000 ₸", "15000", "KZT"),
        ("1 499 ₴", "1499", "UAH"),
        ("1 299,50 zł", "1299.50", "PLN"),
        ("4 990 Ft", "4990", "HUF"),
        ("59,90 лв.", "59.90", "BGN"),
        ("2,980円", "2980", "JPY"),
        ("12,500원", "12500", "KRW"),
        ("₦12,500", "12500", "NGN"),
        ("¥2,980", "2980", ""),
        ("250 kr", "250", ""),
        ("299:-", "299", ""),
        ("٤٩٫٩٩ ر.س", "49.99", "SAR"),
        ("۱۲۹٬۰۰۰ تومان", "129000", ""),  # a toman is no ISO currency
        ("4.750 د.ك", "4.75", "KWD"),
        ("TND 12.500", "12.50", "TND"),
    ],
)
def test_amounts_and_signs(text: str, amount: str, currency: str) -> None:
    assert parse_price(text) == (Decimal(amount), currency)


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("Was 40.00 € Now 25.50 €", "25.50"),
        ("statt 49,99 € nur 29,99 €", "29.99"),
        ("UVP 49,99 € 29,99 €", "29.99"),
        ("de 199,90 € por 149,90 €", "149.90"),
        ("1 299 € Ord. pris 1 599 €", "1299"),
        ("40.00 € 25.00 €", "25"),
        ("Regular price 40.00 € Sale price 25.00 € Regular price 40.00 €", "25"),
        ("Regular price 40.00 €", "40"),
        ("€10.00 – €20.00", "10"),
        ("25–30 €", "25"),
        ("from 5 €", "5"),
        ("-20% 15.00 €", "15"),
        ("Save 10 € 35.00 €", "35"),
        ("35.00 € save 10 €", "35"),
        ("Pack of 3 12.99 €", "12.99"),
        ("Size 42 €30", "30"),
        ("5 colours €12", "12"),
        ("4.5 (120 reviews) €12.99", "12.99"),
        ("0.5 l 3,99 €", "3.99"),
        ("3,5 kg 12 €", "12"),
        ("1,99 € (3,98 €/l)", "1.99"),
        ("999 € / шт", "999"),
        ("4 x 12.50 € 50.00 €", "50"),
        ("30.00 € or 4 interest-free payments of 7.50 €", "30"),
        ("199,00 € em até 10x de 19,90 €", "199"),
        ("19,95 € inkl. 19% MwSt. zzgl. 4,90 € Versand", "19.95"),
        ("24.99 € free shipping over 50 €", "24.99"),
        ("100.00 € Ex Tax: 80.00 €", "100"),
        ("12 , 99 €", "12.99"),
        ("118, 99 €", "118.99"),
        ("TOP 10 €", "10"),
    ],
)
def test_what_is_asked_now(text: str, amount: str) -> None:
    assert parse_price(text) == (Decimal(amount), "EUR")


@pytest.mark.parametrize(
    "text",
    [
        "", "Sold out", "Price on request", "99999999999 €", "0.5 l", "-5,00 €", "50 %", "2,99 €/kg", "(12,50 € / 100 g)",
        "2XL", "9,99 € / Monat", "em até 10x de 19,90 €", "12.05.2024", "ALL 5 colours", "was 40 €", "2 x 0,75 l",
    ],
)  # fmt: skip
def test_no_price(text: str) -> None:
    assert parse_price(text) == (None, "")


def test_the_profile_names_the_currency_where_the_shop_does_not() -> None:
    assert parse_price("250 kr", "SEK") == (Decimal(250), "SEK")


@pytest.mark.parametrize(
    ("text", "shop_currency", "host", "language", "currency"),
    [
        ("$5", "CAD", "shop.com.au", "", "CAD"),
        ("$5", "EUR", "shop.com.au", "", "AUD"),
        ("$5", "", "www.shop.ca", "en-US", "CAD"),
        ("$5", "", "shop.co", "", ""),
        ("$5", "", "shop.com.co", "", "COP"),
        ("$5", "", "shop.com", "en-NZ", "NZD"),
        ("$5", "", "shop.com", "en", "USD"),
        ("$5", "", "shop.com", "es", ""),
        ("$5", "", "127.0.0.1:8000", "", ""),
        ("5 kr", "", "shop.dk", "", "DKK"),
        ("5 kr", "", "shop.de", "sv", ""),
        ("5 kr", "", "shop.com", "nb", "NOK"),
        ("5:-", "", "shop.com", "sv-SE", "SEK"),
        ("¥5", "", "shop.com", "ja", "JPY"),
        ("¥5", "", "shop.com", "zh-Hans", "CNY"),
        ("5 元", "", "shop.com.tw", "", "TWD"),
        ("R 5", "", "shop.co.za", "", "ZAR"),
        ("R 5", "", "shop.com", "", ""),
        ("Rs 5", "", "shop.pk", "", "PKR"),
        ("5 р.", "", "shop.by", "", "BYN"),
        ("5", "EUR", "shop.com.au", "", "EUR"),
        ("€5", "USD", "shop.com.au", "", "EUR"),
    ],
)
def test_who_settles_a_shared_sign(text: str, shop_currency: str, host: str, language: str, currency: str) -> None:
    assert parse_price(text, shop_currency, host=host, language=language) == (Decimal(5), currency)


@pytest.mark.parametrize(
    ("value", "currency", "amount"),
    [
        ("19.990", "", "19.99"),
        ("34.9900", "", "34.99"),
        ("19.990", "CLP", "19990"),
        ("150.000", "IDR", "150000"),
        ("12.990 EUR", "", "12.99"),
        ("19.990 CLP", "", "19990"),
        ("1.299 €", "", "1299"),
        ("$12.99", "", "12.99"),
        ("1,299.00", "", "1299"),
        ("12,99", "", "12.99"),
        ("1e3", "", "1000"),
        (12, "", "12"),
        (12.5, "", "12.5"),
        (Decimal("0"), "", "0"),
    ],
)
def test_machine_values(value: object, currency: str, amount: str) -> None:
    assert machine_price(value, currency) == Decimal(amount)


@pytest.mark.parametrize(
    "value", ["", None, True, "-5", "nan", "Infinity", "call us", "99999999999", {"a": 1}, [5], float("nan")]
)
def test_no_machine_value(value: object) -> None:
    assert machine_price(value) is None


@pytest.mark.parametrize(
    ("text", "money"), [("$5", True), ("5 kr", True), ("5 EUR", True), ("5", False), ("R 5", False), ("$", False)]
)
def test_money(text: str, money: bool) -> None:
    assert shows_money(text) is money
