import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from earshot.egress.client import GuardedClient
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.language_models import LanguageModels
from earshot.transcript.findings import Findings
from earshot.transcript.options import SpeakerCandidate, SpeakerNaming, UnderstandingOptions
from earshot.transcript.words import Word
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.features.speaker_identification import SpeakerIdentificationFeature
from earshot.understanding.material import MAX_PART_CHARS
from tests.llm.server import LlmServer, Reply, as_openai_answers, serving
from tests.understanding.saying import say

CALL = (
    ("A", "Good morning. This is Anna speaking."),
    ("B", "Hello Anna. I want to cancel my order, says Berta."),
)
NAME = SpeakerNaming("name")
ROLE = SpeakerNaming("role", (SpeakerCandidate("Agent", "works here"), SpeakerCandidate("Caller")))


def transcript_of(
    lines: Sequence[tuple[str, str]], voices: Mapping[str, str] | None = None
) -> FinishedTranscript:
    words: list[Word] = []
    for n, (label, text) in enumerate(lines):
        at_ms = n * 100_000
        words += [
            replace(word, speaker=label, start_ms=at_ms + word.start_ms, end_ms=at_ms + word.end_ms)
            for word in say(text)
        ]
    return FinishedTranscript(tuple(words), "en_us", known_names=voices or {})


def find(
    wanted: SpeakerNaming,
    transcript: FinishedTranscript,
    replies: Sequence[Reply] | Callable[[dict[str, Any]], Reply],
) -> tuple[Findings, LlmServer]:
    with serving(replies) as server:
        models = LanguageModels(
            GuardedClient(), [LlmEndpoint("fast", server.url, "tiny")], timeout_s=60
        )
        feature = SpeakerIdentificationFeature(models)
        return feature.find(transcript, UnderstandingOptions(speaker_naming=wanted)), server


def find_alone(wanted: SpeakerNaming, transcript: FinishedTranscript) -> Findings:
    options = UnderstandingOptions(speaker_naming=wanted)
    return SpeakerIdentificationFeature().find(transcript, options)


def named(**names: str) -> Reply:
    speakers = [{"label": label, "name": name} for label, name in names.items()]
    return Reply(json.dumps({"speakers": speakers}))


class TestWithoutALanguageModel:
    def test_speakers_are_named_as_they_introduce_themselves(self) -> None:
        found = find_alone(NAME, transcript_of(CALL))
        assert found.speaker_names == {"A": "Anna"}
        assert [method.name for method in found.methods] == ["introductions"]
        assert found.warnings == ("speaker_identification could not tell who these are: B",)

    def test_a_known_voice_is_surer_than_words(self) -> None:
        found = find_alone(NAME, transcript_of(CALL, {"A": "Anna Lopez", "B": "Berta Berg"}))
        assert found.speaker_names == {"A": "Anna Lopez", "B": "Berta Berg"}
        assert found.warnings == ()
        assert found.methods[0].name == "known voices + introductions"

    def test_a_voice_of_somebody_else_than_the_candidates_is_passed_over(self) -> None:
        wanted = SpeakerNaming("name", (SpeakerCandidate("Berta Berg"),))
        found = find_alone(wanted, transcript_of(CALL, {"A": "Anna", "B": "Berta"}))
        assert found.speaker_names == {"B": "Berta Berg"}

    def test_a_name_that_is_hidden_is_none(self) -> None:
        hidden = transcript_of([("A", "My name is ####.")], {"A": "####", "B": "[PERSON_NAME]"})
        assert find_alone(NAME, hidden).speaker_names == {}

    def test_a_name_that_redaction_would_hide_is_not_told(self) -> None:
        def hides(name: str) -> bool:
            return "Anna" in name

        call = replace(transcript_of(CALL, {"A": "Anna", "B": "Berta"}), hides_name=hides)
        found = find_alone(NAME, call)
        assert found.speaker_names == {"B": "Berta"}
        assert "does not tell names that redact_pii hides" in found.warnings[0]
        only_anna = SpeakerNaming("name", (SpeakerCandidate("Anna Lopez"),))
        assert find_alone(only_anna, call).speaker_names == {}

    def test_roles_cannot_be_told(self) -> None:
        found = find_alone(ROLE, transcript_of(CALL))
        assert found.lacks("speaker_identification")
        assert found.speaker_names is None

    def test_another_language_keeps_its_labels(self) -> None:
        german = replace(transcript_of(CALL), language_code="de")
        assert find_alone(NAME, german).speaker_names == {}

    def test_channels_stand_for_speakers(self) -> None:
        words = tuple(replace(word, channel=2) for word in say("My name is Anna."))
        assert find_alone(NAME, FinishedTranscript(words, "en_us")).speaker_names == {"2": "Anna"}


class TestWithALanguageModel:
    def test_roles_are_chosen_among_those_that_are_given(self) -> None:
        replies = [named(A="agent", B="Supervisor")]
        found, server = find(ROLE, transcript_of(CALL), replies)
        assert found.speaker_names == {"A": "Agent"}
        assert found.methods[0].name == "llm:fast"
        instructions = server.asked[0]["messages"][0]["content"]
        assert "works here" in instructions
        assert "Speaker A: Good morning." in server.asked[0]["messages"][1]["content"]

    def test_a_name_that_nobody_said_is_not_taken(self) -> None:
        replies = [named(A="Anna Karenina", B="Berta", C="Anna")]
        found, _ = find(NAME, transcript_of(CALL), replies)
        assert found.speaker_names == {"A": "Anna", "B": "Berta"}
        assert found.methods[0].name == "llm:fast + introductions"

    def test_the_strictest_model_takes_the_form_of_the_answer(self) -> None:
        found, _ = find(ROLE, transcript_of(CALL), as_openai_answers(named(A="Agent")))
        assert found.speaker_names == {"A": "Agent"}

    def test_a_label_may_be_called_a_speaker(self) -> None:
        answer = Reply(json.dumps({"speakers": [{"label": "Speaker B", "name": "Berta"}]}))
        found, _ = find(NAME, transcript_of(CALL), [answer])
        assert found.speaker_names == {"A": "Anna", "B": "Berta"}

    def test_who_is_known_by_voice_is_not_asked_for(self) -> None:
        call = transcript_of(CALL, {"A": "Anna", "B": "Berta"})
        found, server = find(NAME, call, [named()])
        assert server.asked == []
        assert found.speaker_names == {"A": "Anna", "B": "Berta"}

    def test_a_long_talk_is_read_in_parts_until_all_are_named(self) -> None:
        lines = [("A", "Good day. " * (MAX_PART_CHARS // 10)), ("B", "I am Berta."), ("A", "Anna!")]
        found, server = find(NAME, transcript_of(lines), [named(B="Berta"), named(A="Anna")])
        assert found.speaker_names == {"A": "Anna", "B": "Berta"}
        assert len(server.asked) == 2
        assert '{"B": "Berta"}' in server.asked[1]["messages"][0]["content"]

    def test_where_it_fails_names_come_from_words_and_roles_do_not_come(self) -> None:
        names, _ = find(NAME, transcript_of(CALL), [Reply(status=401)])
        assert names.speaker_names == {"A": "Anna"}
        assert "did without the language model" in names.warnings[0]
        roles, _ = find(ROLE, transcript_of(CALL), [Reply(status=401)])
        assert roles.lacks("speaker_identification")
        assert roles.speaker_names is None
