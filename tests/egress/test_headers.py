import pytest

from earshot.egress.headers import check_header_name, check_header_value
from earshot.errors import RequestInvalid


@pytest.mark.parametrize("name", ["Authorization", "X-Api_Key", "x!#$%&'*+.^`|~1"])
def test_a_token_is_a_header_name(name: str) -> None:
    check_header_name(name, param="webhook_auth_header_name")


@pytest.mark.parametrize("name", ["", "a b", "a:", "a\r\nb", "é", "a\n"])
def test_anything_else_is_refused_by_the_name_of_its_parameter(name: str) -> None:
    with pytest.raises(RequestInvalid, match=r"^webhook_auth_header_name must be"):
        check_header_name(name, param="webhook_auth_header_name")


@pytest.mark.parametrize("name", ["Host", "content-length", "Transfer-Encoding", "webhook-id"])
def test_a_header_that_frames_or_signs_the_message_is_refused(name: str) -> None:
    with pytest.raises(RequestInvalid, match="sets itself"):
        check_header_name(name, param="webhook_auth_header_name")


@pytest.mark.parametrize("value", ["", "Bearer abc", "tab\tinside", "é"])
def test_text_without_control_characters_is_a_header_value(value: str) -> None:
    check_header_value(value, param="webhook_auth_header_value")


@pytest.mark.parametrize("value", ["a\r\nX: y", "a\nb", "a\rb", "nul\x00", "\x7f"])
def test_a_value_that_breaks_out_of_its_header_is_refused_and_not_repeated(value: str) -> None:
    with pytest.raises(RequestInvalid, match=r"^webhook_auth_header_value must not") as caught:
        check_header_value(value, param="webhook_auth_header_value")

    assert value not in str(caught.value)
