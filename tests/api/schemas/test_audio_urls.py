import pytest

from earshot.api.schemas.audio_urls import require_audio_url, require_source
from earshot.egress.buckets import NO_BUCKETS, parse_buckets
from earshot.errors import RequestInvalid

BUCKETS = parse_buckets(["s3://calls", "clinic=gs://wards/incoming"])


@pytest.mark.parametrize(
    ("audio_url", "sentence"),
    [
        (None, "Transcript creation error, audio_url not found"),
        ("", "Transcript creation error, audio_url not found"),
        ("ftp://x/a.mp3", "Transcript creation error, audio_url should start with http"),
        ("s3:/calls/a.wav", "Transcript creation error, audio_url should start with http"),
    ],
)
def test_a_url_of_no_kind_that_we_know_is_refused(audio_url: object, sentence: str) -> None:
    with pytest.raises(RequestInvalid) as caught:
        require_audio_url(audio_url)
    assert str(caught.value) == sentence


@pytest.mark.parametrize("audio_url", ["https://x/a.mp3", "S3://x/a.mp3", "az://x/a.mp3", 7, []])
def test_a_url_of_a_known_kind_and_what_is_no_text_go_on(audio_url: object) -> None:
    require_audio_url(audio_url)


@pytest.mark.parametrize("audio_url", ["s3://calls/a.wav", "az://calls/a.wav", "gs://x"])
def test_where_nothing_is_allowed_cloud_storage_is_refused_with_the_setting(audio_url: str) -> None:
    with pytest.raises(RequestInvalid) as caught:
        require_source(audio_url, NO_BUCKETS, "default")
    assert str(caught.value) == (
        f"audio_url with {audio_url[:2]}:// is not available on this server: its operator has "
        "allowed no bucket to your project (EARSHOT_SOURCE_BUCKETS). Give a presigned https URL, "
        "or upload the file"
    )


def test_a_bucket_that_is_not_allowed_is_refused_and_others_are_not_told() -> None:
    with pytest.raises(RequestInvalid) as caught:
        require_source("gs://wards/incoming/a.wav", BUCKETS, "default")
    assert str(caught.value) == (
        "audio_url names the bucket gs://wards, of which this server's operator has not allowed "
        "that object to your project"
    )


def test_an_allowed_object_is_accepted() -> None:
    require_source("s3://calls/a.wav", BUCKETS, "default")
    require_source("gs://wards/incoming/a.wav", BUCKETS, "clinic")


@pytest.mark.parametrize(
    "audio_url", ["s3://calls", "S3://calls/a.wav", "s3://calls/../a", "http://"]
)
def test_what_names_nothing_is_no_valid_url(audio_url: str) -> None:
    with pytest.raises(RequestInvalid, match="audio_url should be a valid URL"):
        require_source(audio_url, BUCKETS, "default")
