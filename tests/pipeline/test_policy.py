from earshot.pipeline.policy import RetentionPolicy


def test_transcripts_are_kept_for_ever_unless_somebody_says_otherwise() -> None:
    assert RetentionPolicy().transcript_ttl_h is None


def test_an_unused_upload_is_kept_for_a_day() -> None:
    assert RetentionPolicy().unused_upload_h == 24


def test_used_uploads_are_kept_as_long_as_their_transcripts_by_default() -> None:
    assert RetentionPolicy().used_upload_h is None
