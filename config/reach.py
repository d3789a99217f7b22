"""Which network addresses may be connected to: any, or only public ones and those that a fleet lists."""

from functools import cached_property
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Self

from pydantic import PrivateAttr

from config.dataclass import dataclass
from config.fields import Model
from config.message import Message

_NAT64 = IPv6Network("64:ff9b::/96")
_LAST_FOUR_BYTES = 0xFFFFFFFF


@dataclass(frozen=True)
class Reach:
    """Public addresses, and those that are listed: as networks, as addresses, or as names of hosts."""

    listed: tuple[str, ...] = ()

    def allows(self, host: str, address: str) -> bool:
        """Return whether an address, to which the name of a host resolved, may be connected to."""
        if host.strip("[]").casefold().rstrip(".") in self._hosts:
            return True
        found = _as_sent(address)
        return _is_public(found) or any(found in network for network in self._networks)

    @cached_property
    def _networks(self) -> tuple[IPv4Network | IPv6Network, ...]:
        return tuple(network for one in self.listed if (network := parse_network(one)))

    @cached_property
    def _hosts(self) -> frozenset[str]:
        return frozenset(one.casefold().rstrip(".") for one in self.listed if parse_network(one) is None)


def parse_network(text: str) -> IPv4Network | IPv6Network | None:
    """Parse a network or an address; None for the name of a host. Raises ValueError for what is none of them."""
    try:
        return ip_network(text, strict=False)
    except ValueError:
        if not text or not text.isascii() or any(char in text for char in "/:@*?_ ") or text[-1].isdigit():
            raise ValueError(Message("is not an address; write 10.0.0.0/8, 10.1.2.3 or jira.internal")) from None
        return None


def _as_sent(address: str) -> IPv4Address | IPv6Address:
    """Return an address, of one that carries an IPv4 address inside of IPv6 that one."""
    found = ip_address(address)
    if isinstance(found, IPv4Address):
        return found
    inner = found.ipv4_mapped or found.sixtofour
    return inner or (IPv4Address(int(found) & _LAST_FOUR_BYTES) if found in _NAT64 else found)


def _is_public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not address.is_multicast


class Outgoing(Model):
    """Base class of what is connected to; `reach` limits the addresses, and no config can state it."""

    _reach: Reach | None = PrivateAttr(None)

    @property
    def reach(self) -> Reach | None:
        """Which addresses may be connected to; None for any."""
        return self._reach

    def within(self, reach: Reach | None) -> Self:
        """Return a copy that is connected to within these limits only."""
        made = self.model_copy()
        made._reach = reach  # noqa: SLF001 - its own, of a copy
        return made
