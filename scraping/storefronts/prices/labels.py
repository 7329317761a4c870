"""What the words around a number say of it, in the languages that shops write most."""

import re
from typing import Final, Literal

# A price called regular or net may be the only one that an element shows: it is taken when there is no other.
Rejection = Literal["never", "last resort"]

_MEASURE: Final = (
    r"(?:ml|cl|dl|l|ltr|lit(?:er|re)s?|g|gr|mg|kg|oz|fl\.? ?oz|lbs?|cm|mm|m|km|in|inch(?:es)?|ft|yd|v|w|kw|wh|mah|gb|tb|mb|hz"
    r"|mp|px|hp|gsm|denier|мл|л|г|гр|кг|см|мм|м|вт|克|公斤)\b|[\"″°′]"
)
_PER_UNIT: Final = (
    r"\(?(?:/|per\b|pro\b|je\b|за\b|al\b|par\b|por\b|pr\.?\b|à\b)\s*(?:\d+(?:[.,]\d+)?\s*)?"
    r"(?:ml|cl|dl|l|lt|ltr|lit(?:er|re|ro|r)s?|g|gr|mg|kg|kilo(?:gram+)?s?|oz|fl\.? ?oz|lbs?|pound|мл|л|г|гр|кг|m²|m2|m³"
    r"|sq\.? ?(?:m|ft))\b"
)
_PERIOD: Final = (
    r"(?:/|per\b|pro\b|a\b|im\b|par\b|al\b|por\b|в\b|every\b|each\b)?\s*"
    r"(?:mo|mth|months?|monthly|monat\w*|mtl|mois|mes|mese|mês|mies\w*|мес\w*|weeks?|woche\w*|years?|jahr\w*|måned\w*|månad\w*)\b"
)
_INSTALMENTS: Final = (
    r"(?:(?:interest|zins)[- ]?(?:free|frei\w*)\s+|easy\s+|monthly\s+|monatliche\w*\s+)?"
    r"(?:payments?|instal+ments?|raten|cuotas|pagos|parcelas|mensualit\w+|rate|rat|платеж\w*)\b"
)
_SHIPPING: Final = (
    r"(?:shipping|delivery|postage|p&p|versand\w*|liefer\w+|livraison|env[ií]os?|entrega|frete|frakt|spedizione|wysy[łl]k\w+"
    r"|доставк\w+|kargo|送料)"
)
_SAVING: Final = (
    r"(?:(?:you |sie )?save|savings?|spare?n?|ersparnis|[ée]conomi\w+|ahorr\w+|risparmi\w*|oszcz\w+|скидк\w+|выгод\w+"
    r"|экономи\w+|discount|rabat+\w*|korting|remise|descuento|desconto|sconto|cashback|voucher|coupon|gutschein|deposit|pfand)"
)
_FORMER: Final = (
    r"(?:was|were|rrp|msrp|uvp|srp|statt|instead of|compare at|before|old price|previously|previous price|vorher|bisher|war"
    r"|alter preis|früher|ancien prix|prix conseill[ée]|au lieu de|avant|antes|precio anterior|preço antigo|invece di"
    r"|prezzo di listino|van|adviesprijs|zamiast|najniższa cena[^\d]*|poprzednia cena|было|старая цена|вместо|p[řr]ed"
    r"|původn[ií]\w*|eski fiyat\w*|önce|tidligere|før|förut|tidigare)"
)
_PERHAPS_FORMER: Final = (
    r"(?:regular price|reg\.?(?: price)?|list price|original(?:ly)?(?: price)?|normal price|normalpreis|regulärer preis"
    r"|ursprünglich\w*|prix normal|prix habituel|precio (?:habitual|normal|regular)|preço normal|prezzo (?:normale|originale)"
    r"|cena regularna|обычная цена|ord\.? ?pris|rek\.? ?pris|ex\.? ?tax|excl\.?[^\d]*|ohne mwst\.?|netto|без ндс|member price)"
)
_COUNTED: Final = (
    r"(?:packs?|pk|pcs?|pieces?|stück|stk|stuks|er[- ]?(?:pack|set)|pairs?|count|ct|шт|штук\w*|reviews?|ratings?|stars?|sterne?"
    r"|bewertungen|avis|opiniones|отзыв\w*|colou?rs?|sizes?|farben|größen|items?|products?|sold|left|in stock|available|days?"
    r"|hours?|years?|points?|out of \d|customers?|people)"
)
_LABEL: Final = (
    r"(?:packs?|sets?|box|lot|case|bundle|pairs?|bag|qty|quantity|menge|anzahl|sizes?|größe|taille|talla|размер|age|no\.|nr\.|#|№"
    r"|model|modell|vol\.?|art\.?|sku|ref\.?)\s*(?:of|von|de|из)?\s*[:.]?"
)

# What stands before an amount ends there ("$"); what stands after it begins there (`match`).
_NEVER_BEFORE: Final = re.compile(
    rf"(?:\d ?[x×х] ?(?:de|of|von|à|a|по|por)?|{_INSTALMENTS}(?: (?:of|de|von|zu|da|по|por|à))?|\b{_SHIPPING}\b[^\d]{{0,20}}"
    rf"|\b{_SAVING}(?: (?:up to|bis zu|sie|jusqu'à))?|\b{_FORMER}) ?[:.]? ?$|(?:^|\D )[-−]$",
    re.IGNORECASE,
)
_NEVER_AFTER: Final = re.compile(
    rf"\s*(?:%|{_PER_UNIT}|{_PERIOD}|[x×х] ?\d|(?:off|{_SAVING}|de réduction|gespart|{_SHIPPING})\b(?!\D{{0,8}}\d))",
    re.IGNORECASE,
)
_NOT_MONEY_BEFORE: Final = re.compile(rf"(?:\b{_LABEL}|[x×х]) ?$", re.IGNORECASE)
_NOT_MONEY_AFTER: Final = re.compile(
    rf"\s*(?:{_MEASURE}|[-–]? ?{_COUNTED}\b|[-–]? ?{_INSTALMENTS}|[x×х] ?(?:de |of |\D{{0,4}}\d)|/ ?5\b|for\b|für\b|за\b)",
    re.IGNORECASE,
)
_LAST_RESORT: Final = re.compile(rf"\b{_PERHAPS_FORMER} ?[:.]? ?$", re.IGNORECASE)
_NOW: Final = re.compile(
    r"\b(?:now|jetzt|nur|only|(?:sale|special|our|your) price|сейчас|теперь|maintenant|ahora|ora|nu|teraz|şimdi|nyní)\b"
    r"|(?<= )por(?= )",
    re.IGNORECASE,
)


def rejection(before: str, after: str, *, has_sign: bool) -> Rejection | None:
    """Why an amount is not the price to pay; None where nothing speaks against it. Its currency's sign is in neither text."""
    if _NEVER_BEFORE.search(before) or _NEVER_AFTER.match(after):
        return "never"
    if not has_sign and (_NOT_MONEY_BEFORE.search(before) or _NOT_MONEY_AFTER.match(after)):
        return "never"
    return "last resort" if _LAST_RESORT.search(before) else None


def after_now(text: str) -> str:
    """What follows the last word for "now" that has a number behind it; "" without such a word."""
    for match in reversed(list(_NOW.finditer(text))):
        if re.search(r"\d", text[match.end() :]):
            return text[match.end() :]
    return ""
