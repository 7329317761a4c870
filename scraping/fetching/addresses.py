"""Keeping a public shop from sending us into a private network by a redirect, an address or a name."""

import ipaddress
import socket
from typing import Any

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from scraping.errors import ScrapingError


class PrivateAddressError(ScrapingError):
    """A connection that reached a loopback, private or otherwise not public address."""


def is_public_host(host: str) -> bool:
    """Whether every address of `host` is public. A name that does not resolve here counts as public: a proxy may know it."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return True
    return all(is_public_address(str(entry[4][0])) for entry in found)


def is_public_address(address: str) -> bool:
    """Whether an IP address is one of the open internet; an IPv4 address inside IPv6 is judged as what it is."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address) and ip.ipv4_mapped is not None:
        ip = ip.ipv4_mapped
    return ip.is_global and not ip.is_multicast


def _check_peer(connected: socket.socket, host: str) -> None:
    """Judge the address that was reached, not the name: a name can resolve differently from one moment to the next."""
    address = str(connected.getpeername()[0])
    if not is_public_address(address):
        connected.close()
        raise PrivateAddressError(f"{host} is {address}")


class _GuardedHTTPConnection(HTTPConnection):
    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        _check_peer(connected, self.host)
        return connected


class _GuardedHTTPSConnection(HTTPSConnection):
    def _new_conn(self) -> socket.socket:
        connected = super()._new_conn()
        _check_peer(connected, self.host)
        return connected


class _GuardedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTPConnection


class _GuardedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPSConnection


class GuardedAdapter(HTTPAdapter):
    """requests' adapter that, where `public_only`, refuses direct connections to addresses that are not public."""

    def __init__(self, public_only: bool) -> None:
        self._public_only = public_only
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        if self._public_only:
            self.poolmanager.pool_classes_by_scheme = {"http": _GuardedHTTPPool, "https": _GuardedHTTPSPool}
