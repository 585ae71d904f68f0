import sys
from pathlib import Path

import pytest

from earshot.errors import ModelMissing
from earshot.models.store import ModelStore
from earshot.streaming.events import Passage, SecretsWanted
from earshot.streaming.redaction import Hidden
from earshot.streaming.shared_secrets import SharedSecrets
from earshot.transcript.options import RedactionOptions
from earshot.transcript.words import Word
from earshot.wiring.live_secrets import LiveSecrets

PATIENCE_S = 60
PULLED = Path(sys.prefix) / "models"  # where ./check puts it
SAID = ["My", "name", "is", "Jane", "Miller,", "call", "me", "at", "212", "555", "0143."]
PASSAGE = Passage(
    (), tuple(Word(text, 300 * at, 300 * at + 300, 0.9) for at, text in enumerate(SAID))
)


def find(secrets: SharedSecrets, *policies: str) -> set[str]:
    wanted = SecretsWanted(1, RedactionOptions(policies), PASSAGE, PASSAGE)
    return {_text(one) for one in secrets.find_secrets(wanted).result(PATIENCE_S).hidden}


def _text(hidden: Hidden) -> str:
    return SAID[hidden.start_ms // 300]


def test_without_the_model_of_names_patterns_are_found_and_names_say_what_is_missing(
    tmp_path: Path,
) -> None:
    live = LiveSecrets(ModelStore(tmp_path))
    secrets = live.secrets(finds_names=False).result(PATIENCE_S)
    assert isinstance(secrets, SharedSecrets)
    assert find(secrets, "phone_number") == {"212", "555", "0143."}
    failure = live.secrets(finds_names=True).exception(PATIENCE_S)
    assert isinstance(failure, ModelMissing)
    assert "earshot models pull minilm" in str(failure)
    live.close()


@pytest.mark.slow
def test_with_it_names_are_found() -> None:
    store = ModelStore(PULLED)
    if not store.is_present("minilm"):
        pytest.skip("the text encoder is not installed")
    live = LiveSecrets(store)
    secrets = live.secrets(finds_names=True).result(PATIENCE_S)
    assert isinstance(secrets, SharedSecrets)
    assert find(secrets, "person_name") == {"Jane", "Miller,"}
    assert live.secrets(finds_names=True).result(PATIENCE_S) is secrets
    live.close()
