"""What the how-to pages give away to copy works, and what they list is all there is."""

import json
import re
import time
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from earshot.api.schemas.acceptance import accept_request
from earshot.api.schemas.availability import NOT_AVAILABLE_YET, Abilities
from earshot.api.schemas.languages import ENGLISH_CODES
from earshot.api.schemas.speech_understanding import (
    UnderstandingRequest,
    require_speech_understanding,
)
from earshot.cli import COMMANDS
from earshot.delivery.signature import signature_headers
from earshot.settings import load_settings, unknown_variables
from earshot.transcript.options import Vocabulary
from tests.docs.markdown import DOCS, blocks_of

SECRET = "whsec_" + "c2VjcmV0" * 4
BODY = b'{"transcript_id":"5e7c9f0a","status":"completed"}'
PAGES = sorted(DOCS.glob("**/*.md"))
README = DOCS.parent / "README.md"
_INSTALLED = re.compile(r"pip install (?:-e )?'?([^\s'`]*)\[(\w+)\]")
_LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)\s]*)?\)")


@pytest.fixture
def is_genuine() -> Callable[[str, Mapping[str, str], bytes], bool]:
    """The check of a webhook, as the page has it."""
    (sample,) = [
        block for block in blocks_of(DOCS / "howto" / "webhooks.md") if block.language == "python"
    ]
    names: dict[str, Any] = {}
    exec(sample.code, names)
    check: Callable[[str, Mapping[str, str], bytes], bool] = names["is_genuine"]
    return check


def _signed(timestamp_s: int, body: bytes = BODY) -> Mapping[str, str]:
    return signature_headers(SECRET, message_id="5e7c9f0a", timestamp_s=timestamp_s, body=body)


def test_the_sample_accepts_a_webhook_of_ours(
    is_genuine: Callable[[str, Mapping[str, str], bytes], bool],
) -> None:
    assert is_genuine(SECRET, _signed(int(time.time())), BODY)  # noqa: TID251 - the sample asks it


def test_the_sample_refuses_a_changed_body_another_secret_and_a_replay(
    is_genuine: Callable[[str, Mapping[str, str], bytes], bool],
) -> None:
    now_s = int(time.time())  # noqa: TID251 - the sample asks it
    assert not is_genuine(SECRET, _signed(now_s), BODY.replace(b"completed", b"error"))
    assert not is_genuine("whsec_" + "b3RoZXIh" * 4, _signed(now_s), BODY)
    assert not is_genuine(SECRET, _signed(now_s - 3600), BODY)


def test_the_samples_of_speech_understanding_are_what_the_server_takes() -> None:
    shell = [
        block.code
        for block in blocks_of(DOCS / "howto" / "speech-understanding.md")
        if block.language == "sh"
    ]
    submitted, later = (json.loads(code[code.index("{") : code.rindex("}") + 1]) for code in shell)
    accepted = accept_request(
        submitted,
        languages=ENGLISH_CODES,
        compat="lenient",
        abilities=Abilities(has_language_model=True),
    )
    asked = accepted.options.understanding
    assert asked.translation is not None
    assert asked.speaker_naming is not None
    assert asked.value_formats is not None
    assert accepted.warnings == ()
    require_speech_understanding(UnderstandingRequest.parse(later).speech_understanding)


def test_the_sample_with_terms_is_what_the_server_takes_for_a_vocabulary() -> None:
    (sample,) = [
        block for block in blocks_of(DOCS / "howto" / "vocabulary.md") if block.language == "python"
    ]
    names: dict[str, Any] = {}
    exec(sample.code, names)
    sent = names["config"].raw.model_dump(exclude_none=True, mode="json")
    accepted = accept_request(
        {"audio_url": "https://example.com/talk.mp3", **sent},
        languages=ENGLISH_CODES,
        compat="lenient",
    )
    terms = ("Zarathustra", "Delmonico", "crayfish bisque", "PyTorch")
    assert accepted.options.vocabulary == Vocabulary(terms, "high")


def test_all_that_is_refused_is_on_the_page_for_those_who_move() -> None:
    page = (DOCS / "howto" / "move-from-assemblyai.md").read_text(encoding="utf-8")
    by_name = [
        name
        for name in NOT_AVAILABLE_YET
        if f"`{name}`" not in page and not name.endswith("_options")
    ]
    assert [name for name in by_name if not name.startswith("redact_pii_")] == []


def test_the_settings_file_of_the_service_is_one_that_is_read(tmp_path: Path) -> None:
    (sample,) = [
        block
        for block in blocks_of(DOCS / "howto" / "run-as-a-service.md")
        if block.language == "toml"
    ]
    path = tmp_path / "earshot.toml"
    path.write_text(sample.code, encoding="utf-8")
    settings = load_settings({"EARSHOT_CONFIG": str(path)})
    assert settings.public_url == tomllib.loads(sample.code)["public_url"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_link_between_pages_leads_somewhere(page: Path) -> None:
    targets = [
        target
        for target in _LINK.findall(page.read_text(encoding="utf-8"))
        if not target.startswith(("http://", "https://"))
    ]
    assert [target for target in targets if not (page.parent / target).exists()] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(DOCS)))
def test_every_command_that_a_page_names_exists(page: Path) -> None:
    code = re.findall(r"`earshot ([a-z]+)[^`]*`", page.read_text(encoding="utf-8"))
    assert [name for name in code if name not in COMMANDS] == []


@pytest.mark.parametrize("page", [README, *PAGES], ids=lambda page: page.name)
def test_every_extra_that_a_page_installs_is_ours(page: Path) -> None:
    project = tomllib.loads((DOCS.parent / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    for source, extra in _INSTALLED.findall(page.read_text(encoding="utf-8")):
        assert source == "."  # the package index has another project by our name
        assert extra in project["optional-dependencies"]


@pytest.mark.parametrize("page", [README, *PAGES], ids=lambda page: page.name)
def test_every_variable_of_ours_that_a_page_names_is_a_setting(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    names = re.findall(r"\bEARSHOT_[A-Z_]*[A-Z]\b", text)
    assert unknown_variables(dict.fromkeys(names, "")) == []
