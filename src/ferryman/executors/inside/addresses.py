"""Which addresses of the network a request may go to (HOOK-4).

Addresses inside the host or a private network are refused unless a list of networks allows them. A name is looked up
once; the request goes to the addresses that were checked and to no others, so that a second answer of the name service
cannot lead it elsewhere.
"""

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable, Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

LookUp = Callable[[str, int], Awaitable[Sequence[str]]]
"""All addresses of a name. Raises `OSError`."""

_TRANSLATED = ipaddress.IPv6Network("64:ff9b::/96")
"""Addresses in which a translator finds an older one in the last four bytes."""
_EXAMPLES = ipaddress.IPv6Network("3fff::/20")
"""Addresses for documents (RFC 9637), which the standard library takes for public ones."""


class RefusedAddress(Exception):
    """Requests to this place are not allowed; the text says what would help."""


class UnknownName(Exception):
    """The name could not be looked up."""


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks written as `10.0.0.0/8` or `::1`. Raises ValueError for what is none."""
    return tuple(ipaddress.ip_network(text.strip(), strict=False) for text in texts)


def is_allowed(address: str, allowed: Sequence[Network]) -> bool:
    """Whether requests may go to this address: public ones, and those of the list.

    An address that carries another one inside it is judged by both.
    """
    try:
        outer = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _carried(outer)
    return _fine(outer, allowed, carries=inner is not None) and (inner is None or _fine(inner, allowed))


async def reach(
    host: str, port: int, allowed: Sequence[Network], *, look_up: LookUp | None = None
) -> tuple[str, ...]:
    """The addresses of a host that a request may go to. Raises `UnknownName` and `RefusedAddress`."""
    try:
        found = await (look_up or system_look_up)(host, port)
    except (OSError, UnicodeError) as fault:
        raise UnknownName(f"the name {host} cannot be looked up") from fault
    good = tuple(address for address in dict.fromkeys(found) if is_allowed(address, allowed))
    if not good:
        raise RefusedAddress(
            f"requests to {host} are not allowed: its address is inside this host or a private network; "
            "an administrator may allow it under [fetch] allow"
        )
    return good


async def system_look_up(host: str, port: int) -> Sequence[str]:
    """Ask the system for the addresses of a name; an address is its own."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[0]) for *_, place in found]


def _fine(address: Address, allowed: Sequence[Network], *, carries: bool = False) -> bool:
    if any(address.version == network.version and address in network for network in allowed):
        return True
    if carries:
        return True
    if isinstance(address, ipaddress.IPv6Address) and (address.is_site_local or address in _EXAMPLES):
        return False
    return address.is_global and not (
        address.is_multicast or address.is_reserved or address.is_unspecified or address.is_loopback
    )


def _carried(address: Address) -> Address | None:
    """The older address that is inside a newer one, if there is one."""
    if not isinstance(address, ipaddress.IPv6Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    if address.teredo is not None:
        return address.teredo[1]
    if address in _TRANSLATED:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return None
