from pathlib import Path

import pytest

from earshot.models.layout import CANARY_LAYOUT, TRANSDUCER_LAYOUT, WHISPER_LAYOUT, Layout
from earshot.models.own import read_own_model


@pytest.mark.parametrize(
    ("family", "layout", "engine"),
    [
        ("whisper", WHISPER_LAYOUT, "whisper"),
        ("parakeet", TRANSDUCER_LAYOUT, "parakeet"),
        ("canary", CANARY_LAYOUT, "parakeet"),
    ],
)
def test_a_model_is_described_in_one_line(family: str, layout: Layout, engine: str) -> None:
    spec = read_own_model(f"mine={family}:sv+en:/srv/models/mine")
    assert (spec.name, spec.layout, spec.own_folder) == ("mine", layout, Path("/srv/models/mine"))
    assert spec.engine is not None
    assert (spec.engine.family, spec.engine.languages) == (
        engine,
        frozenset({"sv", "en"}),
    )
    assert spec.engine.speech_model == "mine"
    into = {"whisper": {"en"}, "parakeet": set(), "canary": {"sv", "en"}}[family]
    assert spec.engine.translates_into == into


def test_a_folder_may_have_a_colon_and_a_home() -> None:
    assert read_own_model("m=whisper:en:C:/models").own_folder == Path("C:/models")
    assert read_own_model("m=whisper:en:~/models").own_folder == Path.home() / "models"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is not name=family:languages:folder"),
        ("mine", "is not name=family:languages:folder"),
        ("mine=whisper", "is not name=family:languages:folder"),
        ("mine=whisper:en", "is not name=family:languages:folder"),
        ("=whisper:en:/m", "is not name=family:languages:folder"),
        ("mine=wav2vec:en:/m", "'wav2vec' is no family of models; known: whisper"),
        ("mine=whisper:english:/m", "'english' is no language code"),
        ("mine=whisper:en+xx:/m", "'xx' is no language code"),
    ],
)
def test_what_cannot_be_one_says_why(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        read_own_model(text)
