from pathlib import Path

import pytest
import typer

from earshot.cli.redaction import Substitution, redaction_options
from earshot.errors import NamesNotInstalled
from earshot.transcript.options import RedactedAudioOptions, RedactionOptions


def test_policies_and_a_file_become_options(tmp_path: Path) -> None:
    file = tmp_path / "clean.WAV"
    made = redaction_options(["date", "url"], Substitution.ENTITY_NAME, file, "en_us")
    audio = RedactedAudioOptions("wav")
    assert made == RedactionOptions(("date", "url"), "entity_name", audio=audio)


def test_nothing_is_hidden_unless_that_is_asked_for() -> None:
    assert redaction_options(None, Substitution.HASH, None, "de") is None
    assert redaction_options([], Substitution.HASH, None, "en") is None


@pytest.mark.parametrize(
    ("policies", "file", "language", "told"),
    [
        (None, "a.mp3", "en", "it needs --redact"),
        (["names"], None, "en", "names is no policy"),
        (["date", "trend"], None, "en", "not available here yet: trend"),
        (["date"], None, "de", "recordings in English"),
        (["date"], "a.ogg", "en", "ends in none of .mp3 and .wav"),
        (["date"], "nowhere/a.mp3", "en", "there is no folder"),
    ],
)
def test_what_cannot_be_done_is_refused_before_anything_is_transcribed(
    policies: list[str] | None, file: str | None, language: str, told: str
) -> None:
    audio = None if file is None else Path(file)
    with pytest.raises(typer.BadParameter, match=told):
        redaction_options(policies, Substitution.HASH, audio, language)


def test_names_are_hidden_where_a_model_finds_them() -> None:
    names, hashes = ["person_name"], Substitution.HASH
    with pytest.raises(NamesNotInstalled):
        redaction_options(names, hashes, None, "en")
    made = redaction_options(names, hashes, None, "en", finds_names=True)
    assert made == RedactionOptions(("person_name",))


def test_of_a_language_that_is_yet_to_be_found_out_nothing_is_refused_before() -> None:
    assert redaction_options(["date"], Substitution.HASH, None, "auto") is not None
