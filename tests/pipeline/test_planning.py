from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from earshot.audio.speech import FRAME_SAMPLES
from earshot.audio.waveform import SAMPLE_RATE, Samples, Waveform
from earshot.errors import LanguageNotInstalled, ModelNotInLanguage, NoSpokenAudio
from earshot.pipeline.chunks import Chunk
from earshot.pipeline.plan import Plan
from earshot.pipeline.planning import MAX_CHUNKS, Planner
from earshot.recognition.catalog import Offer
from earshot.recognition.pool import RecognizerPool
from earshot.recognition.recognizer import NO_HINTS, Hints, Recognition
from earshot.testing import ScriptedRecognizer, silence, tone
from earshot.transcript.options import (
    LanguageDetection,
    OwnTerms,
    RedactionOptions,
    TranscriptOptions,
)
from earshot.transcript.result import LanguageFinding

DETECTING = TranscriptOptions(language_detection=LanguageDetection())


class Polyglot:
    """An engine that finds the same probabilities in any speech."""

    name = "polyglot"
    languages = frozenset({"en", "es"})

    def __init__(self) -> None:
        self.heard_samples: list[int] = []

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        return ScriptedRecognizer().recognize(segments, hints)

    def detect(self, segments: Sequence[Waveform]) -> Mapping[str, float]:
        self.heard_samples.append(sum(len(segment.samples) for segment in segments))
        return {"en": 0.1, "es": 0.9}


def chunk_of(samples: Samples) -> Chunk:
    n_frames = -(-len(samples) // FRAME_SAMPLES)
    is_speech = bool(np.abs(samples).max() > 0)
    probabilities = np.full(n_frames, 1.0 if is_speech else 0.0, dtype=np.float32)
    return Chunk(None, 0, (samples * 2**15).astype(np.int16), probabilities)


def pool_of(polyglot: Polyglot) -> RecognizerPool:
    offer = Offer("polyglot", "polyglot", polyglot.languages, detects_languages=True)
    return RecognizerPool(ScriptedRecognizer(), on_demand=[offer], load=lambda _: polyglot)


def test_a_given_language_is_planned_before_anything_is_heard() -> None:
    planner = Planner(TranscriptOptions(), RecognizerPool(ScriptedRecognizer()))
    assert planner.plan == planner.conclude() == Plan("en_us", "scripted")


def test_a_given_language_that_no_engine_knows_fails_before_anything_is_heard() -> None:
    with pytest.raises(LanguageNotInstalled):
        Planner(TranscriptOptions(language_code="es"), RecognizerPool(ScriptedRecognizer()))


def test_a_language_is_planned_as_soon_as_enough_speech_was_heard() -> None:
    polyglot = Polyglot()
    planner = Planner(DETECTING, pool_of(polyglot))
    assert planner.hear(chunk_of(silence(60_000))) is None
    assert planner.hear(chunk_of(tone(20_000))) is None
    plan = planner.hear(chunk_of(tone(20_000)))
    assert plan == Plan("es", "polyglot", LanguageFinding(0.9))
    assert planner.hear(chunk_of(tone(20_000))) is planner.conclude() is plan
    assert polyglot.heard_samples == [40 * SAMPLE_RATE]


def test_a_detected_language_in_which_a_policy_would_hide_too_little_fails() -> None:
    hiding = replace(DETECTING, redaction=RedactionOptions(("email_address",)))
    with pytest.raises(ModelNotInLanguage) as failed:
        Planner(hiding, pool_of(Polyglot())).hear(chunk_of(tone(40_000)))
    told = "The following models are not available in this language: redact_pii"
    assert str(failed.value) == told
    by_terms = RedactionOptions(own_terms=(OwnTerms("project", ("Blue Sky",)),))
    planner = Planner(replace(DETECTING, redaction=by_terms), pool_of(Polyglot()))
    assert planner.hear(chunk_of(tone(40_000))) is not None


def test_no_more_is_listened_to_than_is_enough() -> None:
    polyglot = Polyglot()
    Planner(DETECTING, pool_of(polyglot)).hear(chunk_of(tone(60_000)))
    assert 30 <= polyglot.heard_samples[0] / SAMPLE_RATE < 50


def test_rare_speech_keeps_a_recording_waiting_for_ten_minutes_at_most() -> None:
    planner = Planner(DETECTING, pool_of(Polyglot()))
    assert planner.hear(chunk_of(tone(2000))) is None
    plans = [planner.hear(chunk_of(silence(60_000))) for _ in range(MAX_CHUNKS - 1)]
    assert [plan is None for plan in plans] == [True] * (MAX_CHUNKS - 2) + [False]


def test_a_short_recording_is_planned_by_what_there_is() -> None:
    planner = Planner(DETECTING, RecognizerPool(ScriptedRecognizer()))
    assert planner.hear(chunk_of(tone(4000))) is None
    plan = planner.conclude()
    assert (plan.language_code, plan.engine) == ("en", "scripted")
    assert plan.finding is not None
    assert plan.finding.confidence > 0.9


def test_a_plan_that_was_made_before_is_kept_and_nothing_is_heard_for_it() -> None:
    polyglot = Polyglot()
    plan = Plan("en", "scripted", LanguageFinding(0.7))
    planner = Planner(DETECTING, pool_of(polyglot), plan)
    assert planner.hear(chunk_of(tone(40_000))) is planner.conclude() is plan
    assert polyglot.heard_samples == []


def test_without_another_engine_another_language_cannot_be_transcribed() -> None:
    unsure = ScriptedRecognizer(mean_logprob=-1.2)
    planner = Planner(DETECTING, RecognizerPool(unsure))
    with pytest.raises(LanguageNotInstalled, match="this recording, which is not English, is"):
        planner.hear(chunk_of(tone(40_000)))


def test_a_recording_without_speech_has_no_language_to_detect() -> None:
    planner = Planner(DETECTING, RecognizerPool(ScriptedRecognizer()))
    assert planner.hear(chunk_of(silence(4000))) is None
    with pytest.raises(NoSpokenAudio):
        planner.conclude()
