import json
from collections.abc import Sequence
from dataclasses import replace

import pytest

from earshot.egress.client import GuardedClient
from earshot.errors import TransitionImpossible
from earshot.llm.endpoints import LlmEndpoint
from earshot.llm.language_models import LanguageModels
from earshot.transcript.findings import Findings
from earshot.transcript.options import (
    SummaryForm,
    SummaryModel,
    SummaryOptions,
    UnderstandingOptions,
)
from earshot.transcript.words import Word
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.features.summary import SummaryFeature
from earshot.understanding.material import MAX_PART_CHARS
from tests.llm.server import LlmServer, Reply, as_openai_answers, serving

TALK = """
Smoke from wildfires in Canada lowers the air quality in Baltimore. The air quality in Baltimore is
bad because of the smoke. Um, yeah. My brother likes cheese. People with asthma should stay inside.
Wildfires in Canada send smoke to cities on the coast. Thanks!
"""


def transcript_of(text: str) -> FinishedTranscript:
    words = tuple(Word(t, 300 * i, 300 * i + 250, 0.9) for i, t in enumerate(text.split()))
    return FinishedTranscript(words, "en_us")


def options_of(model: SummaryModel, form: SummaryForm) -> UnderstandingOptions:
    return UnderstandingOptions(summary=SummaryOptions(model, form))


def find(
    replies: Sequence[Reply],
    form: SummaryForm = "bullets",
    model: SummaryModel = "informative",
    text: str = TALK,
) -> tuple[Findings, LlmServer]:
    with serving(replies) as server:
        endpoint = LlmEndpoint("fast", server.url, "tiny")
        models = LanguageModels(GuardedClient(), [endpoint], timeout_s=60)
        found = SummaryFeature(models).find(transcript_of(text), options_of(model, form))
        return found, server


def points(*texts: str) -> Reply:
    return Reply(json.dumps({"points": list(texts)}))


class TestWithoutALanguageModel:
    @pytest.mark.parametrize(
        ("model", "form"),
        [
            ("informative", "bullets"),
            ("informative", "bullets_verbose"),
            ("informative", "headline"),
            ("conversational", "paragraph"),
            ("catchy", "gist"),
            ("catchy", "headline"),
        ],
    )
    def test_every_form_is_made_of_what_was_said(
        self, model: SummaryModel, form: SummaryForm
    ) -> None:
        found = SummaryFeature().find(transcript_of(TALK), options_of(model, form))
        assert found.summary
        assert "smoke" in found.summary.lower() or "wildfires" in found.summary.lower()
        assert [(m.name, m.notice) for m in found.methods] == [("extractive", None)]

    def test_bullets_are_lines_that_begin_with_a_dash(self) -> None:
        found = SummaryFeature().find(transcript_of(TALK), options_of("informative", "bullets"))
        assert found.summary is not None
        lines = found.summary.split("\n")
        assert len(lines) > 1
        assert all(line.startswith("- ") for line in lines)

    def test_headline_and_paragraph_are_one_line(self) -> None:
        for form in ("headline", "paragraph", "gist"):
            model: SummaryModel = "catchy" if form == "gist" else "informative"
            found = SummaryFeature().find(transcript_of(TALK), options_of(model, form))
            assert found.summary is not None
            assert "\n" not in found.summary

    @pytest.mark.parametrize("form", ["bullets", "bullets_verbose", "headline", "paragraph"])
    def test_an_empty_transcript_has_an_empty_summary(self, form: SummaryForm) -> None:
        found = SummaryFeature().find(transcript_of(""), options_of("informative", form))
        assert found.summary == ""

    def test_one_word_is_its_own_summary(self) -> None:
        found = SummaryFeature().find(transcript_of("Fire!"), options_of("catchy", "headline"))
        assert found.summary == "Fire!"


class TestWithALanguageModel:
    def test_the_model_writes_the_points(self) -> None:
        found, server = find([points("Smoke comes.", "- Stay  inside.")])
        assert found.summary == "- Smoke comes.\n- Stay inside."
        assert [(m.name, m.notice) for m in found.methods] == [("llm:fast", None)]
        assert "Smoke from wildfires" in server.asked[0]["messages"][1]["content"]

    @pytest.mark.parametrize(
        ("model", "form", "expected"),
        [
            ("catchy", "gist", "Smoke"),
            ("informative", "headline", "Smoke"),
            ("conversational", "paragraph", "Smoke Fire"),
        ],
    )
    def test_other_forms_are_one_point(
        self, model: SummaryModel, form: SummaryForm, expected: str
    ) -> None:
        assert find([points("Smoke", "Fire")], form, model)[0].summary == expected

    def test_a_long_talk_is_noted_down_part_by_part(self) -> None:
        long = "Smoke comes down from the north today. " * (MAX_PART_CHARS // 20)
        notes = Reply(json.dumps({"notes": "Smoke, it seems."}))
        found, server = find([notes, notes, points("Smoke.")], text=long)
        assert found.summary == "- Smoke."
        assert server.asked[-1]["messages"][1]["content"] == "Smoke, it seems.\nSmoke, it seems."

    @pytest.mark.parametrize(
        ("reply", "reason"),
        [
            (Reply(status=401), "status 401"),
            (Reply("I cannot do that."), "cannot be used"),
            (Reply(json.dumps({"points": []})), "cannot be used"),
            (Reply(json.dumps({"points": ["Smoke.", " "]})), "cannot be used"),
            (Reply("<think>Well", finish_reason="length"), "was cut off"),
        ],
    )
    def test_where_it_fails_the_transcript_speaks_and_says_so(
        self, reply: Reply, reason: str, caplog: pytest.LogCaptureFixture
    ) -> None:
        found, _ = find([reply])
        assert found.summary is not None
        assert found.summary.startswith("- Smoke")
        assert [m.name for m in found.methods] == ["extractive"]
        assert found.warnings == (
            "summarization took sentences from the transcript: the language model was not "
            "available",
        )
        (logged,) = [one for one in caplog.records if one.message == "feature_without_llm"]
        assert reason in vars(logged)["reason"]

    def test_a_present_model_of_openai_writes_it(self) -> None:
        with serving(as_openai_answers(points("Smoke comes."))) as server:
            models = LanguageModels(
                GuardedClient(), [LlmEndpoint("fast", server.url, "tiny")], timeout_s=60
            )
            found = SummaryFeature(models).find(
                transcript_of(TALK), options_of("informative", "headline")
            )
        assert (found.summary, found.warnings) == ("Smoke comes.", ())
        assert "strict" in server.asked[-1]["response_format"]["json_schema"]

    def test_nothing_is_sent_of_a_transcript_that_is_cancelled(self) -> None:
        def cancelled() -> None:
            raise TransitionImpossible(expected="processing", met="error")

        with serving([points("Smoke.")]) as server:
            models = LanguageModels(
                GuardedClient(), [LlmEndpoint("fast", server.url, "tiny")], timeout_s=60
            )
            unwanted = replace(transcript_of(TALK), require_wanted=cancelled)
            with pytest.raises(TransitionImpossible):
                SummaryFeature(models).find(unwanted, options_of("informative", "headline"))
        assert server.asked == []

    def test_nothing_is_asked_about_silence(self) -> None:
        found, server = find([points("Smoke.")], text="")
        assert (found.summary, server.asked) == ("", [])
