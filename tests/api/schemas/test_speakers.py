from typing import Any

import pytest

from earshot.api.schemas.speakers import speaker_warnings, speakers_of
from earshot.api.schemas.transcript_request import TranscriptRequest
from earshot.errors import RequestInvalid
from earshot.transcript.options import SpeakerOptions


def request(**parameters: object) -> TranscriptRequest:
    return TranscriptRequest.parse({"audio_url": "https://example.com/a.mp3", **parameters})


def test_nobody_is_told_apart_unless_that_is_asked_for() -> None:
    assert speakers_of(request()) is None
    assert speakers_of(request(speaker_labels=False, speakers_expected=2)) is None


@pytest.mark.parametrize(
    ("parameters", "options"),
    [
        ({}, SpeakerOptions()),
        ({"speakers_expected": 2}, SpeakerOptions(expected=2)),
        ({"speakers_expected": 1000}, SpeakerOptions(expected=1000)),
        ({"speaker_options": {"min_speakers_expected": 3}}, SpeakerOptions(minimum=3)),
        (
            {"speaker_options": {"min_speakers_expected": 2, "max_speakers_expected": 4}},
            SpeakerOptions(minimum=2, maximum=4),
        ),
        (
            {"speaker_options": {"name_known_voices": True}},
            SpeakerOptions(names_known_voices=True),
        ),
        ({"speaker_options": {"name_known_voices": False}}, SpeakerOptions()),
    ],
)
def test_the_numbers_of_speakers_are_those_that_were_asked_for(
    parameters: dict[str, Any], options: SpeakerOptions
) -> None:
    assert speakers_of(request(speaker_labels=True, **parameters)) == options


@pytest.mark.parametrize("number", [0, -1, 1.5, "2", True, 2**31])
def test_a_number_of_speakers_that_is_none_is_refused_by_name(number: object) -> None:
    for parameters, name in (
        ({"speakers_expected": number}, "speakers_expected"),
        (
            {"speaker_options": {"max_speakers_expected": number}},
            "speaker_options.max_speakers_expected",
        ),
    ):
        with pytest.raises(
            RequestInvalid, match=f"^{name} must be an integer between 1 and 2147483647$"
        ):
            request(speaker_labels=True, **parameters)


@pytest.mark.parametrize(
    ("parameters", "warnings"),
    [
        ({"speakers_expected": 2}, []),
        ({"speaker_options": {"min_speakers_expected": 2}}, []),
        (
            {
                "speakers_expected": 2,
                "speaker_options": {"min_speakers_expected": 1, "max_speakers_expected": 4},
            },
            [
                "speaker_options.min_speakers_expected has no effect together with "
                "speakers_expected",
                "speaker_options.max_speakers_expected has no effect together with "
                "speakers_expected",
            ],
        ),
        (
            {"speaker_options": {"use_two_stage_clustering": True}},
            ["speaker_options.use_two_stage_clustering has no effect"],
        ),
        ({"speaker_options": {"use_two_stage_clustering": False}}, []),
        (
            {"speaker_options": {"long_file_diarization_method": "experimental"}},
            [
                "speaker_options.long_file_diarization_method has no effect: "
                "there is one method for every recording"
            ],
        ),
        ({"speaker_options": {"long_file_diarization_method": "standard"}}, []),
    ],
)
def test_what_changes_nothing_is_said(parameters: dict[str, Any], warnings: list[str]) -> None:
    assert speaker_warnings(request(speaker_labels=True, **parameters)) == warnings
