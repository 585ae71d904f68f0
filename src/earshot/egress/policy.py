"""Which addresses this server may connect to: the one place where that is decided."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from ipaddress import (
    IPv4Address,
    IPv4Network,
    IPv6Address,
    IPv6Network,
    ip_address,
    ip_network,
)

from earshot.errors import AddressRefused, SettingsInvalid

IPAddress = IPv4Address | IPv6Address
IPNetwork = IPv4Network | IPv6Network

# Never the address of a recording or a webhook: link-local, the metadata services of clouds (they
# hand out credentials to whoever can reach them), and what the IANA registries of special-purpose
# addresses (RFC 6890) keep from being a destination.
NEVER_V4 = tuple(
    IPv4Network(text)
    for text in (
        "0.0.0.0/8",  # "this host": Linux connects it to loopback
        "100.100.100.200/32",  # metadata: Alibaba
        "168.63.129.16/32",  # metadata: Azure's host channel, in public space
        "169.254.0.0/16",  # link-local; metadata of most clouds
        "192.0.0.0/24",  # protocol assignments; metadata: Oracle classic
        "192.0.2.0/24",  # documentation
        "192.88.99.0/24",  # relays from IPv6, withdrawn
        "198.51.100.0/24",  # documentation
        "203.0.113.0/24",  # documentation
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
PRIVATE_V4 = tuple(
    IPv4Network(text)
    for text in (
        "10.0.0.0/8",
        "100.64.0.0/10",  # between a carrier and its customers; overlay networks use it
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarking; local proxies use it
    )
)
GLOBAL_V6 = IPv6Network("2000::/3")  # the only IPv6 space that is handed out to networks
NEVER_V6 = tuple(
    IPv6Network(text)
    for text in (
        "2001::/23",  # protocol assignments, with Teredo, which hides an IPv4 address
        "2001:db8::/32",  # documentation
        "2002::/16",  # 6to4, withdrawn (RFC 7526), hides an IPv4 address
        "3fff::/20",  # documentation
        "fd00:42::/32",  # metadata: Scaleway
        "fd00:ec2::/32",  # metadata: AWS (::254 instances, ::23 pods)
        "fd20:ce::/32",  # metadata: Google
    )
)
PRIVATE_V6 = (IPv6Network("::1/128"), IPv6Network("fc00::/7"))
# IPv6 spellings of an IPv4 address that networks really route: these are judged as that address.
EMBEDDED_V4 = (IPv6Network("::ffff:0:0/96"), IPv6Network("64:ff9b::/96"))

_HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]+(\.[a-z0-9_-]+)*", re.IGNORECASE)


class Reach(Enum):
    """Who can be behind an address, and so who has to permit it."""

    PUBLIC = "public"
    PRIVATE = "private"
    NEVER = "never"


def effective_address(address: IPAddress) -> IPAddress:
    """The address that packets reach: the IPv4 one where IPv6 only spells it."""
    if isinstance(address, IPv6Address) and any(address in network for network in EMBEDDED_V4):
        return IPv4Address(int(address) & 0xFFFF_FFFF)
    return address


def reach_of(address: IPAddress) -> Reach:
    target = effective_address(address)
    if isinstance(target, IPv4Address):
        if any(target in network for network in NEVER_V4):
            return Reach.NEVER
        is_private = any(target in network for network in PRIVATE_V4)
        return Reach.PRIVATE if is_private else Reach.PUBLIC
    if any(target in network for network in NEVER_V6):
        return Reach.NEVER
    if any(target in network for network in PRIVATE_V6):
        return Reach.PRIVATE
    # Link-local, site-local, multicast, IPv4-compatible and whatever is not handed out yet.
    return Reach.PUBLIC if target in GLOBAL_V6 else Reach.NEVER


@dataclass(frozen=True, slots=True)
class AllowList:
    """Hosts and networks that may be private: what an operator vouches for."""

    hosts: frozenset[str]
    networks: tuple[IPNetwork, ...]

    def covers(self, host: str, address: IPAddress) -> bool:
        """Whether the operator vouches for that host by name, or for that address."""
        target = effective_address(address)
        return host in self.hosts or any(target in network for network in self.networks)


def parse_allow_list(entries: Iterable[str]) -> AllowList:
    """The list that those hosts, addresses and CIDRs make; empty entries are skipped.

    Raises SettingsInvalid, naming the entry, for one that is neither.
    """
    hosts: set[str] = set()
    networks: list[IPNetwork] = []
    for entry in filter(None, (entry.strip() for entry in entries)):
        network = _network_of(entry)
        if network is not None:
            networks.append(network)
        elif _HOST_NAME.fullmatch(entry.removesuffix(".")) and not is_number(entry):
            hosts.add(canonical_host(entry))
        else:
            raise SettingsInvalid(
                f"'{entry}' in the allow-list is neither a host name nor a CIDR; "
                "write for example media.internal, 10.0.0.7 or 10.0.0.0/8, without scheme or port"
            )
    return AllowList(hosts=frozenset(hosts), networks=tuple(networks))


def _network_of(entry: str) -> IPNetwork | None:
    try:
        network = ip_network(entry.replace("[", "").replace("]", ""), strict=False)
    except ValueError:
        return None
    lowest = effective_address(network.network_address)
    if isinstance(lowest, IPv4Address) and network.version == 6 and network.prefixlen >= 96:
        return IPv4Network((lowest, network.prefixlen - 96), strict=False)
    return network


def canonical_host(host: str) -> str:
    """Lower case, without the dot that ends a fully qualified name."""
    return host.lower().removesuffix(".")


def is_number(host: str) -> bool:
    """Whether resolvers may read the host as an IPv4 address that is not written a.b.c.d.

    The rule of the URL standard ("ends in a number"): 2130706433, 0x7f.1 and 0177.0.0.1 all reach
    loopback on some systems and nothing on others.
    """
    last_label = canonical_host(host).rpartition(".")[2]
    return re.fullmatch(r"[0-9]+|0x[0-9a-f]*", last_label) is not None


def literal_address(host: str) -> IPAddress | None:
    """The address that the host spells out; None for a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """What one use of the network may reach.

    Public addresses always; loopback and private ones where the allow-list covers them or
    `allow_private` is set; link-local and metadata addresses never, whatever the allow-list says.
    """

    allow: AllowList
    allow_private: bool = False

    def permitted(self, host: str, addresses: Sequence[IPAddress]) -> tuple[IPAddress, ...]:
        """Those of the host's addresses that may be connected to, in their order; at least one.

        Raises AddressRefused when none is, or when one is of the kind that is never permitted: no
        honest name has such an address beside a good one.
        """
        never = [address for address in addresses if reach_of(address) is Reach.NEVER]
        if never:
            raise AddressRefused(f"{never[0]} is an address that is never connected to")
        permitted = tuple(address for address in addresses if self._is_permitted(host, address))
        if not permitted:
            listed = ", ".join(str(address) for address in addresses)
            raise AddressRefused(f"{listed} is private, and the allow-list does not cover it")
        return permitted

    def _is_permitted(self, host: str, address: IPAddress) -> bool:
        if reach_of(address) is Reach.PUBLIC or self.allow_private:
            return True
        return self.allow.covers(canonical_host(host), address)
