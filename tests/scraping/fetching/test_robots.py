import pytest

from scraping.fetching.robots import ROBOTS_BYTES, parse_robots


def test_a_byte_order_mark_does_not_hide_the_first_group() -> None:
    assert not parse_robots(b"\xef\xbb\xbfUser-agent: *\nDisallow: /cat\n").allows("https://s.example/cat")


def test_half_a_line_at_the_cut_is_no_rule() -> None:
    head = b"User-agent: *\nDisallow: /private\n"
    body = head + b"#" * (ROBOTS_BYTES - len(head) - 12) + b"\nDisallow: /and-more\n"
    robots = parse_robots(body[:ROBOTS_BYTES])
    assert not robots.allows("https://s.example/private")
    assert robots.allows("https://s.example/anything")


@pytest.mark.parametrize(
    ("asked", "delay"),
    [("0.5", 0.5), ("nan", 0.0), ("-3", 0.0), ("soon", 0.0), ("99999", 99999.0), ("inf", 0.0)],
)
def test_crawl_delay(asked: str, delay: float) -> None:
    assert parse_robots(f"User-agent: *\nCrawl-delay: {asked}\n".encode()).crawl_delay == delay
