from ipaddress import ip_address

import pytest

from earshot.egress.policy import (
    AddressPolicy,
    AllowList,
    Reach,
    canonical_host,
    effective_address,
    is_number,
    literal_address,
    parse_allow_list,
    reach_of,
)
from earshot.errors import AddressRefused, SettingsInvalid

NOBODY = AllowList(frozenset(), ())
PUBLIC = "93.184.216.34"


def permitted(policy: AddressPolicy, host: str, *addresses: str) -> list[str]:
    found = policy.permitted(host, [ip_address(address) for address in addresses])
    return [str(address) for address in found]


NEVER = [
    "0.0.0.0",
    "0.1.2.3",
    "169.254.169.254",
    "169.254.170.2",
    "100.100.100.200",
    "168.63.129.16",
    "192.0.0.192",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::127.0.0.1",
    "::169.254.169.254",
    "::ffff:169.254.169.254",
    "::ffff:0.0.0.0",
    "::ffff:0:169.254.169.254",
    "64:ff9b::169.254.169.254",
    "64:ff9b:1::a9fe:a9fe",
    "2002:a9fe:a9fe::1",
    "2002:5db8:d822::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "fd00:ec2::254",
    "fd00:ec2::23",
    "fd20:ce::254",
    "fd00:42::42",
    "fe80::1",
    "febf::1",
    "fec0::1",
    "ff02::1",
    "2001:db8::1",
    "4000::1",
]
PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "100.64.0.1",
    "198.18.0.1",
    "::1",
    "fc00::1",
    "fd12:3456::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::10.0.0.1",
]
OPEN = [PUBLIC, "172.32.0.1", "100.128.0.1", "2606:4700::1111", "64:ff9b::5db8:d822"]


@pytest.mark.parametrize("address", NEVER)
def test_an_address_of_no_honest_recording_is_refused_whatever_the_policy(address: str) -> None:
    everything = parse_allow_list(["0.0.0.0/0", "::/0", "media.internal"])
    policy = AddressPolicy(everything, allow_private=True)

    assert reach_of(ip_address(address)) is Reach.NEVER
    with pytest.raises(AddressRefused):
        permitted(policy, "media.internal", address)


@pytest.mark.parametrize("address", PRIVATE)
def test_a_private_address_needs_the_allow_list_or_a_request_that_may(address: str) -> None:
    assert reach_of(ip_address(address)) is Reach.PRIVATE
    with pytest.raises(AddressRefused):
        permitted(AddressPolicy(NOBODY), "media.internal", address)

    by_name = AddressPolicy(parse_allow_list(["media.internal"]))
    by_address = AddressPolicy(parse_allow_list([address]))
    assert permitted(by_name, "media.internal", address) == [str(ip_address(address))]
    assert permitted(by_address, "other.internal", address) == [str(ip_address(address))]
    assert permitted(AddressPolicy(NOBODY, allow_private=True), "any.internal", address)


@pytest.mark.parametrize("address", OPEN)
def test_a_public_address_needs_nobodys_leave(address: str) -> None:
    assert reach_of(ip_address(address)) is Reach.PUBLIC
    assert permitted(AddressPolicy(NOBODY), "example.com", address)


def test_a_name_with_one_address_that_is_never_permitted_is_refused_whole() -> None:
    with pytest.raises(AddressRefused, match=r"169\.254\.169\.254"):
        permitted(AddressPolicy(NOBODY), "example.com", PUBLIC, "169.254.169.254")


def test_of_a_names_addresses_only_the_covered_ones_remain() -> None:
    policy = AddressPolicy(parse_allow_list(["127.0.0.1"]))

    assert permitted(policy, "localhost", "::1", "127.0.0.1") == ["127.0.0.1"]


def test_an_allowed_network_covers_the_ipv6_spelling_of_its_addresses() -> None:
    assert permitted(AddressPolicy(parse_allow_list(["10.0.0.0/8"])), "a", "::ffff:10.1.2.3")
    assert permitted(AddressPolicy(parse_allow_list(["::ffff:10.0.0.0/104"])), "a", "10.1.2.3")


def test_an_allowed_network_covers_nothing_beside_itself() -> None:
    with pytest.raises(AddressRefused):
        permitted(AddressPolicy(parse_allow_list(["10.0.0.0/24"])), "a", "10.0.1.1")


def test_an_allowed_name_covers_neither_its_subdomains_nor_its_parents() -> None:
    policy = AddressPolicy(parse_allow_list(["media.internal"]))

    for host in ("evil.media.internal", "internal", "xmedia.internal"):
        with pytest.raises(AddressRefused):
            permitted(policy, host, "10.0.0.1")


def test_names_are_compared_without_case_and_without_the_final_dot() -> None:
    policy = AddressPolicy(parse_allow_list([" Media.Internal. ", ""]))

    assert permitted(policy, "MEDIA.internal.", "10.0.0.1")
    assert canonical_host("MEDIA.internal.") == "media.internal"


@pytest.mark.parametrize(
    "entry", ["http://media", "media:9000", "10.0.0.0/33", "a b", "0x7f.1", "2130706433", "*"]
)
def test_an_entry_that_is_neither_host_nor_network_is_named(entry: str) -> None:
    with pytest.raises(SettingsInvalid, match="allow-list") as caught:
        parse_allow_list(["10.0.0.0/8", entry])

    assert entry in str(caught.value)


@pytest.mark.parametrize("entry", ["64:ff9b::/64", "::/0", "[::1]", "fd00::/8"])
def test_wide_and_bracketed_ipv6_entries_are_read(entry: str) -> None:
    assert len(parse_allow_list([entry]).networks) == 1


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "127.1", "127.0.0.0x1", "1.", "0x"]
)
def test_every_host_that_ends_in_a_number_is_recognised(host: str) -> None:
    assert is_number(host)


@pytest.mark.parametrize("host", ["example.com", "1.example", "0x7f.com", "127.0.0.1.nip.io"])
def test_a_host_that_ends_in_a_name_is_no_number(host: str) -> None:
    assert not is_number(host)


def test_only_plain_addresses_are_literals() -> None:
    assert literal_address("127.0.0.1") == ip_address("127.0.0.1")
    assert literal_address("::1") == ip_address("::1")
    assert literal_address("2130706433") is None
    assert literal_address("0177.0.0.1") is None
    assert literal_address("example.com") is None


def test_an_ipv6_spelling_stands_for_its_ipv4_address() -> None:
    assert effective_address(ip_address("::ffff:8.8.8.8")) == ip_address("8.8.8.8")
    assert effective_address(ip_address("2606:4700::1111")) == ip_address("2606:4700::1111")
