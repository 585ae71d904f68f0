import pytest

from earshot.egress.target import host_for_log, names_host, parse_target, resolve_redirect
from earshot.errors import AddressRefused


@pytest.mark.parametrize("host", ["2130706433", "127.1"])
def test_a_decimal_host_is_refused(host: str) -> None:
    with pytest.raises(AddressRefused):
        parse_target(f"http://{host}/")


def test_a_hexadecimal_host_is_refused() -> None:
    with pytest.raises(AddressRefused):
        parse_target("http://0x7f.1/")


def test_an_octal_host_is_refused() -> None:
    with pytest.raises(AddressRefused):
        parse_target("http://0177.0.0.1/")


@pytest.mark.parametrize(
    "url", ["http://user:secret@example.com/", "http://user@example.com/", "http://a\\@b.example/"]
)
def test_credentials_in_the_url_are_refused_without_being_repeated(url: str) -> None:
    with pytest.raises(AddressRefused, match="credentials") as caught:
        parse_target(url)

    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "gopher://example.com/", "ftp://example.com/", "//example.com/", "x"],
)
def test_only_http_and_https_are_spoken(url: str) -> None:
    with pytest.raises(AddressRefused, match="neither http nor https"):
        parse_target(url)


@pytest.mark.parametrize(
    "url",
    [
        "http:///path",
        "http://exa mple/",
        "http://[fe80::1%25eth0]/",
        "http://①②⑦.0.0.1/",
        "http://example.com/\n",
        "http://example.com:0/",
        "http://example.com:99999/",
        "http://example.com:port/",
        "http://[::1/",
    ],
)
def test_a_url_that_two_readers_could_read_differently_is_refused(url: str) -> None:
    with pytest.raises(AddressRefused):
        parse_target(url)


def test_the_port_follows_the_scheme_where_the_url_names_none() -> None:
    assert parse_target("http://example.com").port == 80
    assert parse_target("HTTPS://EXAMPLE.com/").origin == ("https", "example.com", 443)
    assert parse_target("http://[::1]:81/").origin == ("http", "::1", 81)


@pytest.mark.parametrize(
    "query",
    ["a=b%20c&d=%zz", 'e={x}|"y"<z>\'', "?", "", "id=1&id=2&&=", "%2f%2F+", "a=b?c=/../d"],
)
def test_the_query_is_asked_for_exactly_as_it_was_written(query: str) -> None:
    target = parse_target(f"http://example.com/a/../hook?{query}#part")

    assert target.path_and_query == b"/hook?" + query.encode()


def test_only_what_a_request_line_cannot_carry_is_escaped_in_the_query() -> None:
    assert parse_target("http://h.example/?q=é b").path_and_query == b"/?q=%C3%A9%20b"
    assert parse_target("http://h.example").path_and_query == b"/"


def test_a_redirect_is_read_relative_to_where_it_came_from() -> None:
    start = parse_target("https://example.com/a/b?key=1")

    assert resolve_redirect(start, "../c?d=e#f").path_and_query == b"/c?d=e"
    assert resolve_redirect(start, "http://other.example/").origin == ("http", "other.example", 80)


@pytest.mark.parametrize(
    "location", ["file:///etc/passwd", "http://u:p@example.com/", "http://0x7f.1/", "http://[::"]
)
def test_a_redirect_is_checked_like_the_first_url(location: str) -> None:
    with pytest.raises(AddressRefused):
        resolve_redirect(parse_target("http://example.com/"), location)


def test_logs_name_the_host_and_nothing_of_the_url_that_may_be_secret() -> None:
    assert host_for_log("https://user:pass@example.com:8443/secret?token=1") == "example.com"
    assert host_for_log("http://[::") == "unknown"
    assert host_for_log("nonsense") == "unknown"


@pytest.mark.parametrize("host", ["xn--a", "xn--", "xn--" + "a" * 80])
def test_logs_name_a_host_that_cannot_be_shown_in_unicode_as_it_was_written(host: str) -> None:
    assert host_for_log(f"http://{host}/") == host


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://example.com/a b.mp3", True),
        ("http://[::1]:8000/", True),
        ("HTTP://user:secret@example.com", True),
        ("http://", False),
        ("http:///path", False),
        ("http://exa mple/", False),
        ("http://[::1/", False),
    ],
)
def test_a_url_without_a_host_that_could_be_looked_up_is_told(url: str, expected: bool) -> None:
    assert names_host(url) is expected
