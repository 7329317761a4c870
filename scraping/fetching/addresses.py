"""Keeping a shop from sending us into a private network by a redirect, an address or a name.

A name is resolved once, its addresses are judged, and the connection goes to an address that was judged: a name that resolves
differently a moment later (DNS rebinding) gains nothing. Proxies from the environment are not used, as they would resolve names
unseen.
"""

import ipaddress
import socket
from typing import Any, Final

from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NameResolutionError, NewConnectionError
from urllib3.util.connection import create_connection

from scraping.errors import ScrapingError
from scraping.fetching.bounds import BoundedResponse, current_bounds

_MOST_ADDRESSES: Final = 4  # of one name that are tried

# IPv6 ranges that hold an IPv4 address and lead to it (NAT64, RFC 6052; 6to4, RFC 3056), with the bits below it.
_AROUND_IPV4: Final = ((ipaddress.IPv6Network("64:ff9b::/96"), 0), (ipaddress.IPv6Network("2002::/16"), 80))
# Never public, whatever `is_global` says of them: IPv4-compatible, site-local, and NAT64 of one's own (RFC 8215).
_NOT_PUBLIC: Final = tuple(map(ipaddress.IPv6Network, ("::/96", "fec0::/10", "64:ff9b:1::/48")))


class PrivateAddressError(ScrapingError):
    """A host that stands at a loopback, private or otherwise not public address."""


def is_public_address(address: str) -> bool:
    """Whether an IP address is one of the open internet; an IPv4 address inside IPv6 is judged as what it is."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public_address(str(ip.ipv4_mapped))
        for network, below in _AROUND_IPV4:
            if ip in network:
                return is_public_address(str(ipaddress.IPv4Address(int(ip) >> below & 0xFFFFFFFF)))
        if any(ip in network for network in _NOT_PUBLIC):
            return False
    return ip.is_global and not ip.is_multicast


def is_private_literal(host: str) -> bool:
    """Whether a URL's host says by itself that it is not public: `localhost`, or an address that is none of the internet's."""
    try:
        return host.lower() == "localhost" or not is_public_address(host)
    except ValueError:
        return False


def _connect(connection: HTTPConnection) -> socket.socket:
    """A connected socket to one of the host's addresses, all of which may be asked."""
    host, bounds = connection.host, current_bounds()
    try:
        entries = socket.getaddrinfo(host, connection.port, type=socket.SOCK_STREAM)
    except socket.gaierror as error:
        raise NameResolutionError(host, connection, error) from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
    if host.lower() != bounds.private_host:
        public = [address for address in addresses if is_public_address(address)]
        if not public:
            raise PrivateAddressError(f"{host} is {addresses[0]}")
        addresses = public
    failure: OSError = OSError("no address")
    for address in addresses[:_MOST_ADDRESSES]:
        limit = connection.timeout if isinstance(connection.timeout, int | float) else bounds.read
        try:
            return create_connection(
                (address, connection.port), min(limit, bounds.remaining()), socket_options=connection.socket_options
            )
        except OSError as error:
            failure = error
    raise NewConnectionError(connection, f"Failed to establish a new connection: {failure}") from failure


class _GuardedHTTPConnection(HTTPConnection):
    response_class = BoundedResponse

    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _GuardedHTTPSConnection(HTTPSConnection):
    response_class = BoundedResponse

    def _new_conn(self) -> socket.socket:
        return _connect(self)


class _GuardedHTTPPool(HTTPConnectionPool):
    ConnectionCls = _GuardedHTTPConnection


class _GuardedHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedHTTPSConnection


class GuardedAdapter(HTTPAdapter):
    """requests' adapter for requests made inside `bounded`: it reaches no address that they may not reach."""

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = {"http": _GuardedHTTPPool, "https": _GuardedHTTPSPool}
