import pytest

from scraping.fetching.addresses import is_public_address


@pytest.mark.parametrize("address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "192.168.0.1", "172.16.0.9", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1", "::1",
     "fe80::1%eth0",
     "fd00::1", "::ffff:10.0.0.1"],
)  # fmt: skip
def test_not_public(address: str) -> None:
    assert not is_public_address(address)
