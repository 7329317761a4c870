"""Query strings of the addresses that shops' own interfaces are asked by."""

from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit


def query_of(url: str) -> dict[str, str]:
    """The query's values by key; of a repeated key the last."""
    return dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))


def with_query(url: str, **values: str | int) -> str:
    """`url` with these keys of its query set."""
    query = query_of(url) | {key: str(value) for key, value in values.items()}
    return urlunsplit(urlsplit(url)._replace(query=urlencode(query), fragment=""))


def number_in(url: str, key: str, default: int) -> int:
    """The whole number under `key` of the query, `default` where there is none."""
    value = query_of(url).get(key, "")
    return int(value) if value.isascii() and value.isdecimal() and int(value) > 0 else default
