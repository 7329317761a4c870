import pytest

from scraping.fetching.addresses import is_private_literal, is_public_address


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::8.8.8.8", "2002:808:808::1"]
)
def test_public(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.9", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "::1",
     "fe80::1%eth0",
     "fd00::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::127.0.0.1", "64:ff9b::a00:1", "64:ff9b:1::808:808",
     "2002:7f00:1::", "2002:a00:1::1", "::127.0.0.1", "::8.8.8.8", "fec0::1", "ff02::1"],
)  # fmt: skip
def test_not_public(address: str) -> None:
    assert not is_public_address(address)


@pytest.mark.parametrize(
    ("host", "private"),
    [("localhost", True), ("127.0.0.1", True), ("10.0.0.7", True), ("::1", True), ("8.8.8.8", False), ("shop.example", False),
     ("localhost.shop.example", False), ("", False)],
)  # fmt: skip
def test_a_host_that_says_by_itself_that_it_is_private(host: str, private: bool) -> None:
    assert is_private_literal(host) is private
