"""Mail and web addresses, machines, files, users."""

import pytest

from earshot.understanding.entities.internet import find_internet_names, suspect_internet_names
from tests.understanding.saying import found_by


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("write to jane.doe@example.com today", ("email_address", "jane.doe@example.com")),
        ("jane at example dot com is hers", ("email_address", "jane@example.com")),
        ("look at example dot com please", ("url", "example.com")),
        ("see example.com now", ("url", "example.com")),
        ("at mysite.co.uk/page, then", ("url", "mysite.co.uk/page")),
        ("see a-b.shop.example.org/x/y.", ("url", "a-b.shop.example.org/x/y")),
        ("accessible at www.sec.gov and", ("url", "www.sec.gov")),
        ("see https://example.com/docs?x=1. ok", ("url", "https://example.com/docs?x=1")),
        ("ping 192.168.0.1 now", ("ip_address", "192.168.0.1")),
        ("one ninety two dot one six eight dot zero dot one", ("ip_address", "1 92.1 6 8.0.1")),
        ("from 6e40:4041:c617:e898:c11:40d2:c669:2eb4 on", None),
        ("mac 00:1a:2b:3c:4d:5e here", ("number_sequence", "00:1a:2b:3c:4d:5e")),
        ("open report dot p d f now", ("filename", "report.pdf")),
        ("write to janeatexample.com today", ("email_address", "janeatexample.com")),
        ("follow @earshot now", ("username", "@earshot")),
        ("my username is bob42 there", ("username", "bob42")),
    ],
)
def test_each_form_is_found(text: str, found: tuple[str, str] | None) -> None:
    names = found_by(find_internet_names, text)
    assert (found or ("ip_address", "6e40:4041:c617:e898:c11:40d2:c669:2eb4")) in names


@pytest.mark.parametrize(
    "text",
    ["meet me at noon", "version 1.2.3 and 300.1.1.1 too", "it is 12:30:45 now", "e.g. this"],
)
def test_other_things_with_dots_are_none(text: str) -> None:
    assert found_by(find_internet_names, text) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("my email is jane at gmail com", ("email_address", "is jane at gmail com")),
        ("to jane@example.com42 now", ("email_address", "jane@example.com42")),
        ("see 2https://example.com now", ("url", "2https://example.com")),
        ("open report.pdf27 now", ("filename", "report.pdf27")),
        ("at 192.168.0.1 10.0.0.1 now", ("ip_address", "10.0.0.1")),
        ("my username is 4 bob now", ("username", "4 bob")),
        ("jane dot doe at gee mail please", ("email_address", "jane.doe at gee mail")),
        ("write to kumar at hotmail please", ("email_address", "kumar at hotmail")),
        ("it's lucy smith at g mail com now", ("email_address", "lucy smith at g mail com")),
        ("or peter underscore k at yahoo then", ("email_address", "peter_k at yahoo")),
        ("it's jane at. Gmail. Dot com.", ("email_address", "jane at. Gmail.com")),
        ("my email is jane doe at", ("email_address", "jane doe at")),
        ("What's your email? Sure, jane dot doe at.", ("email_address", "jane.doe at")),
        ("that is jane42 at", ("email_address", "jane42 at")),
        ("it is f e eight zero colon colon a b c d now", ("ip_address", "fe80::abcd")),
    ],
)
def test_names_with_a_mark_unheard_or_neighbours_are_suspected(
    text: str, found: tuple[str, str]
) -> None:
    assert found in found_by(suspect_internet_names, text)


def test_an_address_with_two_colons_in_a_row_is_found() -> None:
    assert ("ip_address", "fe80::1") in found_by(find_internet_names, "try fe80 colon colon one ok")


@pytest.mark.parametrize(
    "text",
    [
        "my email is not working",
        "my email is down",
        "she works at yahoo",
        "have a look at gmail",
        "where are you at",
        "we met at noon. Then we left",
        "it is at 9:30 today",
    ],
)
def test_what_is_said_about_mail_is_not_suspected(text: str) -> None:
    assert found_by(suspect_internet_names, text) == []
