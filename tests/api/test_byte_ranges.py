import pytest

from earshot.api.byte_ranges import ByteRange, asked_range, is_same_file


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-", (0, 100)),
        ("bytes=10-19", (10, 20)),
        ("bytes=10-10", (10, 11)),
        ("Bytes= 90-500 ", (90, 100)),
        ("bytes=-30", (70, 100)),
        ("bytes=-300", (0, 100)),
    ],
)
def test_a_part_is_what_the_header_says_as_far_as_the_file_goes(
    header: str, part: tuple[int, int]
) -> None:
    assert asked_range(header, 100) == ByteRange(*part)


@pytest.mark.parametrize(
    "header", ["bytes=100-", "bytes=100-200", "bytes=-0", f"bytes={'9' * 19}-"]
)
def test_what_the_file_has_not_is_a_part_without_bytes(header: str) -> None:
    part = asked_range(header, 100)
    assert part is not None
    assert part.n_bytes == 0


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=5-4",
        "bytes=0-1,5-6",
        "pages=1-2",
        "bytes=a-b",
        "bytes=\u0661-\u0662",
        f"bytes={'9' * 5000}-",
    ],
)
def test_what_is_no_single_range_asks_for_all(header: str | None) -> None:
    assert asked_range(header, 100) is None


def test_a_part_of_another_file_is_not_added() -> None:
    assert is_same_file(None, '"a"')
    assert is_same_file('"a"', '"a"')
    assert not is_same_file('"b"', '"a"')
    assert not is_same_file("Wed, 21 Oct 2026 07:28:00 GMT", '"a"')
    assert not is_same_file('"a"', None)
