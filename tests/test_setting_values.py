from collections.abc import Callable
from pathlib import Path

import pytest

from earshot.setting_values import (
    one_of,
    read_count,
    read_existing_file,
    read_hosts,
    read_http_url,
    read_llms,
    read_log_level,
    read_number,
    read_own_models,
    read_path,
    read_port,
    read_price_pairs,
    read_project_names,
    read_text,
    read_tier_pairs,
    read_whole_number,
    read_yes_or_no,
)

Reader = Callable[[object], object]
read_colour = one_of(["red", "green"])


@pytest.mark.parametrize(
    ("read", "raw", "value"),
    [
        (read_text, " as it is ", " as it is "),
        (read_path, "~/speech", Path.home() / "speech"),
        (read_whole_number, "0", 0),
        (read_whole_number, " 7 ", 7),
        (read_count, 1, 1),
        (read_port, "65535", 65535),
        (read_yes_or_no, "YES", True),
        (read_yes_or_no, False, False),
        (read_yes_or_no, "0", False),
        (read_number, "2.5", 2.5),
        (read_number, 3, 3.0),
        (read_colour, "red", "red"),
        (read_hosts, "10.0.0.0/8, media.internal,", ("10.0.0.0/8", "media.internal")),
        (read_hosts, ["10.0.0.0/8"], ("10.0.0.0/8",)),
        (read_price_pairs, {"transcription": 0.25}, ("transcription=0.25",)),
        (read_tier_pairs, "nano = whisper-small", ("nano=whisper-small",)),
        (read_tier_pairs, {"nano": "whisper-small"}, ("nano=whisper-small",)),
        (read_project_names, "law, press", ("law", "press")),
        (read_log_level, "INFO", "info"),
        (read_http_url, "https://speech.example.com/", "https://speech.example.com"),
    ],
)
def test_what_can_work_is_read(read: Reader, raw: object, value: object) -> None:
    assert read(raw) == value


@pytest.mark.parametrize(
    ("read", "raw", "reason"),
    [
        (read_text, "", "must be text"),
        (read_text, 5, "must be text"),
        (read_whole_number, True, "whole number"),
        (read_whole_number, "-1", "not negative"),
        (read_whole_number, -1, "not be negative"),
        (read_whole_number, 1.5, "whole number"),
        (read_count, "0", "at least 1"),
        (read_port, "65536", "at most 65535"),
        (read_yes_or_no, "perhaps", "true or false"),
        (read_number, True, "must be a number"),
        (read_number, "half", "must be a number"),
        (read_number, "0", "over 0"),
        (read_number, "nan", "over 0"),
        (read_number, "inf", "over 0"),
        (read_colour, "blue", "must be one of red, green"),
        (read_hosts, [1], "separated by commas"),
        (read_tier_pairs, "nano=", "is no pair tier=engine"),
        (read_own_models, "mine=whisper", "name=family:languages:folder"),
        (read_project_names, 5, "must be names of projects"),
        (read_log_level, "loud", "debug, info, warning, error"),
        (read_http_url, "speech.example.com", "http:// or https://"),
        (read_llms, '{"default": {"url": "http://llm", "model": "m"}}', "EARSHOT_LLM_URL"),
    ],
)
def test_what_cannot_work_is_refused_with_what_would(
    read: Reader, raw: object, reason: str
) -> None:
    with pytest.raises(ValueError, match=reason):
        read(raw)


def test_a_file_must_be_there(tmp_path: Path) -> None:
    path = tmp_path / "cert.pem"
    with pytest.raises(ValueError, match="is not a file"):
        read_existing_file(str(path))
    path.touch()
    assert read_existing_file(str(path)) == path
