import pytest

from earshot.api.schemas.transcript_request import TranscriptRequest
from earshot.errors import RequestInvalid

URL = "https://example.com/a.mp3"

# Every parameter of the contract's table (prerecorded.md, 2.1).
DOCUMENTED = """
audio_url language_code language_codes language_detection language_confidence_threshold
language_detection_options punctuate format_text disfluencies filter_profanity speaker_labels
speakers_expected speaker_options multichannel dual_channel audio_start_from audio_end_at word_boost
boost_param keyterms_prompt keyterms_prompt_options prompt temperature remove_audio_tags
custom_spelling speech_model speech_models speech_threshold auto_highlights content_safety
iab_categories sentiment_analysis entity_detection auto_chapters summarization
content_safety_confidence summary_model summary_type custom_topics topics redact_pii
redact_pii_policies redact_pii_sub redact_pii_audio redact_pii_audio_quality
redact_pii_audio_options redact_pii_return_unredacted redact_static_entities domain
speech_understanding webhook_url webhook_auth_header_name webhook_auth_header_value
"""


def test_every_documented_parameter_is_known() -> None:
    assert set(TranscriptRequest.model_fields) == set(DOCUMENTED.split())


@pytest.mark.parametrize("value", ["Bearer s3cret", "x", "a\tb", "!~"])
def test_a_header_value_of_printable_ascii_passes(value: str) -> None:
    parsed = TranscriptRequest.parse({"audio_url": URL, "webhook_auth_header_value": value})
    assert parsed.webhook_auth_header_value == value


@pytest.mark.parametrize("value", ["", " x", "x ", "a\r\nb", "a\nb", "x\n", "café", 7])
def test_a_header_value_that_could_break_out_of_its_header_is_refused(value: object) -> None:
    with pytest.raises(RequestInvalid, match=r"^webhook_auth_header_value must be printable ASCII"):
        TranscriptRequest.parse({"audio_url": URL, "webhook_auth_header_value": value})
