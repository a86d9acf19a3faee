"""Whether a request comes from where only trusted people are, so that its word may be believed (RULINGS 22).

What a proxy on this machine forwards, and what a page makes a browser send here under a name of its own, comes from
loopback too, but from somebody else.
"""

from functools import lru_cache
from ipaddress import IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from ferryman.asgi.exchange import Exchange

LOOPBACK = ("127.0.0.0/8", "::1/128")


def foreign(exchange: Exchange, networks: tuple[str, ...] = LOOPBACK) -> str:
    """Why a request is not believed, such as `from 192.0.2.1`; empty where it comes from these networks."""
    headers = exchange.headers
    if "x-forwarded-for" in headers or "forwarded" in headers:
        return "through a proxy"
    if not _within(networks, exchange.address):
        return f"from {exchange.address or 'there'}"
    host = headers.get("host", "")
    return "" if _is_plain(host) else f"for host {host[:100]}"


def sender(exchange: Exchange) -> str:
    """The address that a wrong word is counted against: the other end of the connection, or, where that is a proxy on
    this machine, the one that it names last. Good for counting, and for nothing that is believed."""
    last = exchange.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    if not last or not _within(LOOPBACK, exchange.address):
        return exchange.address
    try:
        return str(ip_address(last))
    except ValueError:
        return exchange.address


@lru_cache(maxsize=1024)
def _within(networks: tuple[str, ...], address: str) -> bool:
    try:
        found = ip_address(address)
    except ValueError:
        return False
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        found = found.ipv4_mapped
    return any(found in network for network in _parsed(networks))


@lru_cache(maxsize=16)
def _parsed(networks: tuple[str, ...]) -> tuple[IPv4Network | IPv6Network, ...]:
    return tuple(ip_network(network) for network in networks)


@lru_cache(maxsize=1024)
def _is_plain(host: str) -> bool:
    """Whether a Host header is an address, or this machine's own name; a name that anybody can register is neither."""
    before, colon, port = host.rpartition(":")
    name = before if colon and port.isdecimal() and not before.endswith(":") else host
    if not name or name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
