import pytest

from earshot.accounts.names import MAX_NAME_CHARACTERS, require_name
from earshot.errors import RequestInvalid


@pytest.mark.parametrize("name", ["law", "Müller & Söhne, 2. Stock", "弁護士", "x" * 200, "'; --"])
def test_what_can_be_read_in_a_list_is_a_name(name: str) -> None:
    assert require_name(name) == name


@pytest.mark.parametrize(
    "name",
    [
        "",
        "  ",
        "a\nb",
        "\x1b[2J",
        "nul\0",
        "\ud800",
        "law\u200b",  # of no width
        "\u202ewal",  # right to left from here
        "a\u00a0b",  # a space that is not that of the keyboard
        "x" * (MAX_NAME_CHARACTERS + 1),
    ],
)
def test_what_garbles_a_list_is_none(name: str) -> None:
    with pytest.raises(RequestInvalid, match="name must be printable"):
        require_name(name)


@pytest.mark.parametrize("name", [" law", "law "])
def test_what_looks_like_another_name_is_none(name: str) -> None:
    with pytest.raises(RequestInvalid, match="begin or end with a space"):
        require_name(name)
