import base64
import hashlib
import hmac

import pytest

from earshot.delivery.signature import signature_headers

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
BODY = b'{"test": 2432232314}'


def test_the_example_of_the_published_libraries_gets_their_signature() -> None:
    headers = signature_headers(
        SECRET, message_id="msg_p5jXN8AQM9LWM0D4loKWxJek", timestamp_s=1614265330, body=BODY
    )

    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


def test_a_receiver_who_knows_the_secret_comes_to_the_same_signature() -> None:
    key = b"sixteen bytes or more"
    secret = "whsec_" + base64.b64encode(key).decode()

    headers = signature_headers(secret, message_id="a", timestamp_s=7, body=b"\xff body")

    expected = base64.b64encode(hmac.digest(key, b"a.7.\xff body", hashlib.sha256)).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"


@pytest.mark.parametrize("changed", [{"message_id": "b"}, {"timestamp_s": 8}, {"body": b"other"}])
def test_whatever_is_changed_changes_the_signature(changed: dict[str, object]) -> None:
    parts: dict[str, object] = {"message_id": "a", "timestamp_s": 7, "body": BODY}

    original = signature_headers(SECRET, **parts)  # type: ignore[arg-type] # parts of three types
    other = signature_headers(SECRET, **(parts | changed))  # type: ignore[arg-type] # as above

    assert original["webhook-signature"] != other["webhook-signature"]


@pytest.mark.parametrize("secret", ["", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_not base64!"])
def test_a_secret_of_another_form_is_refused_and_not_repeated(secret: str) -> None:
    with pytest.raises(ValueError, match="whsec_") as caught:
        signature_headers(secret, message_id="a", timestamp_s=7, body=BODY)

    assert "MfKQ9" not in str(caught.value)
    assert "not base64!" not in str(caught.value)
