import wave
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa
from typing_extensions import override

from earshot.accounts.usage import report_usage
from earshot.audio.speech import FRAME_SAMPLES, Probabilities, Span
from earshot.audio.waveform import Samples, Waveform
from earshot.diarization.diarizer import Track
from earshot.errors import (
    AudioTooShort,
    DeviceUnusable,
    DiarizerFailed,
    DownloadFailed,
    JobAttemptsExhausted,
    ModelMissing,
    OperatorError,
    RequestNotUnderstood,
    SpeakersNotInstalled,
    SpeechBelowThreshold,
    TransitionImpossible,
)
from earshot.llm.usage import Usage
from earshot.pipeline.enrolment import VoiceSample, enroll_voice
from earshot.pipeline.known_voices import NONE_KNOWN
from earshot.pipeline.redacted_audio import NO_SPEECH
from earshot.pipeline.stages import OpenMedia
from earshot.pipeline.transcription import Transcription
from earshot.pipeline.workspace import Workspace
from earshot.recognition.fallback import FallbackRecognizer
from earshot.recognition.loading import ComputeOptions
from earshot.recognition.pool import RecognizerPool
from earshot.recognition.recognizer import NO_HINTS, Hints, Recognition, Recognizer
from earshot.storage.erasure import redacted_key
from earshot.storage.projects import mark_project_deleted
from earshot.storage.schema import transcripts
from earshot.storage.transcripts import scrub_transcript
from earshot.storage.uploads import delete_upload
from earshot.storage.usage import UsageFilter
from earshot.testing import (
    NOON,
    ScriptedDecoder,
    ScriptedDiarizer,
    ScriptedRecognizer,
    silence,
    tone,
)
from earshot.transcript.findings import FeatureName, Findings
from earshot.transcript.options import (
    LanguageDetection,
    OwnTerms,
    RedactedAudioOptions,
    RedactionOptions,
    SpeakerOptions,
    SummaryOptions,
    TranscriptOptions,
    UnderstandingOptions,
)
from earshot.transcript.status import TranscriptStatus
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.features.chapters import ChaptersFeature
from earshot.understanding.features.custom_topics import CustomTopicsFeature
from earshot.understanding.features.entities import EntitiesFeature
from earshot.understanding.features.highlights import HighlightsFeature
from tests.pipeline.conftest import World

RECORDING = b"RIFF of another server"
TWO_CHUNKS = ScriptedDecoder(np.concatenate([tone(75_000), silence(2000), tone(40_000)])[None])


class DeafDetector:
    """Hears no speech anywhere."""

    def speech_probabilities(self, samples: Samples) -> Probabilities:
        return np.zeros(-(-len(samples) // FRAME_SAMPLES), dtype=np.float32)


class FailingChapters(ChaptersFeature):
    """Fails at whatever was said."""

    @override
    def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
        raise RuntimeError


class TestOneRecording:
    def test_a_transcript_passes_from_queued_to_completed(self, world: World) -> None:
        transcript_id = world.submit()
        steps = world.transcription()
        assert world.row(transcript_id).status is TranscriptStatus.QUEUED
        assert steps.prepare(transcript_id) == 1
        assert world.row(transcript_id).status is TranscriptStatus.PROCESSING
        steps.recognize(transcript_id, 0)
        world.clock.turn(seconds=5)
        steps.finish(transcript_id, world.announcing(transcript_id))
        row = world.row(transcript_id)
        assert row.status is TranscriptStatus.COMPLETED
        assert row.completed_at == world.clock()
        assert row.audio_duration_s == 2
        assert world.result(transcript_id).text == "well said"

    def test_what_was_found_out_is_kept_with_the_transcript(self, world: World) -> None:
        asked = UnderstandingOptions(key_phrases=True, chapters=True)
        transcript_id = world.submit(TranscriptOptions(understanding=asked))
        features = (HighlightsFeature(), FailingChapters())
        world.run(transcript_id, world.transcription(features=features))
        findings = world.result(transcript_id).findings
        assert world.row(transcript_id).status is TranscriptStatus.COMPLETED
        assert findings is not None
        assert [method.feature for method in findings.methods] == ["auto_highlights"]
        assert findings.lacks("auto_chapters")

    def test_a_feature_that_ends_its_worker_every_time_is_done_without(self, world: World) -> None:
        class Dying(HighlightsFeature):
            """Ends whoever asks for it, as the system does where memory is short."""

            @override
            def find(self, *_: object) -> Findings:
                raise SystemExit

        asked = UnderstandingOptions(key_phrases=True)
        transcript_id = world.submit(TranscriptOptions(understanding=asked))
        steps = world.transcription(features=(Dying(),))
        for _ in range(2):
            with pytest.raises(SystemExit):
                world.run(transcript_id, steps)
        world.run(transcript_id, steps)
        findings = world.result(transcript_id).findings
        assert findings is not None
        assert findings.lacks("auto_highlights")

    def test_many_chunks_may_be_recognised_in_any_order(self, world: World) -> None:
        transcript_id = world.submit()
        steps = world.transcription(decoder=TWO_CHUNKS)
        n_chunks = steps.prepare(transcript_id)
        assert n_chunks == 2
        for index in reversed(range(n_chunks)):
            steps.recognize(transcript_id, index)
        steps.finish(transcript_id, world.announcing(transcript_id))
        words = world.result(transcript_id).words
        starts_ms = [word.start_ms for word in words]
        assert len(words) > 4
        assert starts_ms == sorted(starts_ms)

    def test_another_worker_may_take_each_step(self, world: World) -> None:
        transcript_id = world.submit()
        n_chunks = world.transcription(decoder=TWO_CHUNKS).prepare(transcript_id)
        for index in range(n_chunks):
            world.transcription().recognize(transcript_id, index)
        world.transcription().finish(transcript_id, world.announcing(transcript_id))
        assert world.result(transcript_id).words

    def test_silence_has_a_transcript_without_words(self, world: World) -> None:
        transcript_id = world.submit()
        world.run(transcript_id, world.transcription(decoder=ScriptedDecoder(silence(1500)[None])))
        assert world.result(transcript_id).text == ""
        assert world.row(transcript_id).audio_duration_s == 2

    def test_no_work_files_are_left_in_the_end_and_the_upload_stays(self, world: World) -> None:
        upload = world.upload()
        transcript_id = world.submit(upload=upload)
        world.transcription().prepare(transcript_id)
        assert world.work() == [transcript_id]
        world.run(transcript_id)
        assert world.work() == []
        assert world.has_upload(upload)

    def test_split_channels_become_utterances(self, world: World) -> None:
        first = np.concatenate([tone(1000), silence(2000)])
        second = np.concatenate([silence(1500), tone(1000), silence(500)])
        transcript_id = world.submit(TranscriptOptions(split_channels=True))
        decoder = ScriptedDecoder(np.stack([first, second]))
        world.run(transcript_id, world.transcription(decoder=decoder))
        result = world.result(transcript_id)
        assert result.n_channels == 2
        assert result.utterances is not None
        assert [(u.speaker, u.channel, u.text) for u in result.utterances] == [
            ("1", 1, "well said"),
            ("2", 2, "well said"),
        ]

    def test_options_reach_the_words(self, world: World) -> None:
        transcript_id = world.submit(TranscriptOptions(punctuate=False, format_text=False))
        recognizer = ScriptedRecognizer(("Well,", "SAID."))
        world.run(transcript_id, world.transcription(recognizers=RecognizerPool(recognizer)))
        assert world.result(transcript_id).text == "well said"

    def test_an_engine_that_fell_back_to_the_cpu_is_a_warning_of_the_transcript(
        self, world: World
    ) -> None:
        transcript_id = world.submit()
        pool = RecognizerPool(FallbackRecognizer(load_where_there_is_no_gpu, ComputeOptions()))
        world.run(transcript_id, world.transcription(recognizers=pool))
        warnings = world.result(transcript_id).warnings
        assert warnings == ("the GPU could not be used; scripted ran on the CPU",)


class Counting:
    """A recognizer and diarizer that count what they are given."""

    name = "counting"
    languages = frozenset({"en"})

    def __init__(self) -> None:
        self.n_recognised = 0
        self.n_told_apart = 0

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        self.n_recognised += len(segments)
        return ScriptedRecognizer().recognize(segments, hints)

    def find_tracks(self, waveform: Waveform, speech: Sequence[Span]) -> list[Track]:
        self.n_told_apart += 1
        return ScriptedDiarizer().find_tracks(waveform, speech)


TWO_PEOPLE = ScriptedDecoder(
    np.concatenate(
        [tone(2000, 200), silence(3000), tone(2000, 400), silence(3000), tone(900, 200)]
    )[None]
)
SPEAKERS = TranscriptOptions(speakers=SpeakerOptions())
FAILING = ScriptedDiarizer(failure=RuntimeError("out of luck"))


class TestSpeakers:
    def test_every_word_has_one_and_utterances_are_what_each_said_in_a_row(
        self, world: World
    ) -> None:
        transcript_id = world.submit(SPEAKERS)
        steps = world.transcription(decoder=TWO_PEOPLE, diarizer=ScriptedDiarizer())
        world.run(transcript_id, steps)
        result = world.result(transcript_id)
        assert result.utterances is not None
        assert [(u.speaker, u.text, u.channel) for u in result.utterances] == [
            ("A", "well said", None),
            ("B", "well said", None),
            ("A", "well said", None),
        ]
        assert [word.speaker for word in result.words] == ["A", "A", "B", "B", "A", "A"]
        assert result.n_channels is None

    def test_a_voice_that_the_project_knows_is_named_if_that_is_asked_for(
        self, world: World
    ) -> None:
        tracks = ScriptedDiarizer().find_tracks(Waveform(tone(2000, 400)), [Span(0, 32_000)])
        assert tracks[0].embedding is not None
        sample = VoiceSample("theodora.wav", "scripted", tracks[0].embedding, 9_000)
        with world.engine.begin() as conn:
            enroll_voice(conn, world.project_id, "Theodora", [sample], NOON)
        steps = world.transcription(decoder=TWO_PEOPLE, diarizer=ScriptedDiarizer())
        asking = TranscriptOptions(speakers=SpeakerOptions(names_known_voices=True))
        known = []
        for options in (asking, SPEAKERS):
            transcript_id = world.submit(options)
            world.run(transcript_id, steps)
            known.append(world.result(transcript_id).known_speakers)
        assert known[0] is not None
        assert [(one.speaker, one.name) for one in known[0]] == [("B", "Theodora")]
        assert known[1] is None

    def test_where_no_voice_is_enrolled_the_transcript_says_so(self, world: World) -> None:
        steps = world.transcription(decoder=TWO_PEOPLE, diarizer=ScriptedDiarizer())
        asking = TranscriptOptions(speakers=SpeakerOptions(names_known_voices=True))
        transcript_id = world.submit(asking)
        world.run(transcript_id, steps)
        result = world.result(transcript_id)
        assert (result.known_speakers, result.warnings) == ((), (NONE_KNOWN,))

    def test_a_voice_in_two_chunks_is_one_speaker(self, world: World) -> None:
        transcript_id = world.submit(SPEAKERS)
        steps = world.transcription(decoder=TWO_CHUNKS, diarizer=ScriptedDiarizer())
        world.run(transcript_id, steps)
        assert {word.speaker for word in world.result(transcript_id).words} == {"A"}

    def test_with_channels_apart_the_speakers_are_counted_on_each(self, world: World) -> None:
        first = np.concatenate([tone(2000, 200), silence(3000), tone(2000, 400)])
        second = np.concatenate([silence(2500), tone(2000, 200), silence(2500)])
        options = replace(SPEAKERS, split_channels=True)
        transcript_id = world.submit(options)
        decoder = ScriptedDecoder(np.stack([first, second]))
        world.run(transcript_id, world.transcription(decoder=decoder, diarizer=ScriptedDiarizer()))
        result = world.result(transcript_id)
        assert result.utterances is not None
        assert [(u.speaker, u.channel) for u in result.utterances] == [
            ("1A", 1),
            ("2A", 2),
            ("1B", 1),
        ]

    def test_channels_that_are_silent_or_copies_cost_nothing(self, world: World) -> None:
        counting = Counting()
        speech = np.concatenate([tone(2000, 200), silence(1000)])
        channels = [silence(3000), speech, *[silence(3000)] * 4, speech]
        transcript_id = world.submit(replace(SPEAKERS, split_channels=True))
        steps = world.transcription(
            decoder=ScriptedDecoder(np.stack(channels)),
            recognizers=RecognizerPool(counting),
            diarizer=counting,
        )
        world.run(transcript_id, steps)
        assert (counting.n_recognised, counting.n_told_apart) == (1, 1)
        result = world.result(transcript_id)
        assert result.n_channels == 7
        assert {(w.speaker, w.channel) for w in result.words} == {("2A", 2)}
        assert result.warnings == (
            "Channel 7 carries the same audio as channel 2: it was transcribed once, as channel 2",
        )

    def test_nobody_is_told_apart_unless_that_is_asked_for(self, world: World) -> None:
        transcript_id = world.submit()
        world.run(transcript_id, world.transcription(decoder=TWO_PEOPLE, diarizer=FAILING))
        result = world.result(transcript_id)
        assert result.utterances is None
        assert {word.speaker for word in result.words} == {None}

    def test_a_recording_without_speech_has_no_utterances(self, world: World) -> None:
        transcript_id = world.submit(SPEAKERS)
        decoder = ScriptedDecoder(silence(1500)[None])
        world.run(transcript_id, world.transcription(decoder=decoder, diarizer=FAILING))
        assert world.result(transcript_id).utterances == ()

    def test_without_a_model_that_can_it_fails_before_anything_is_heard(self, world: World) -> None:
        transcript_id = world.submit(SPEAKERS)
        deaf = world.transcription(decoder=ScriptedDecoder(tone(500)[None], failure=OSError()))
        with pytest.raises(SpeakersNotInstalled) as missing:
            deaf.prepare(transcript_id)
        deaf.fail(transcript_id, missing.value, world.announcing(transcript_id))
        assert world.row(transcript_id).error == (
            "speaker_labels is not available on this server: the model that tells speakers apart "
            "is not installed. Run: earshot models pull pyannote"
        )

    def test_a_model_that_fails_every_time_fails_the_transcript_and_it_says_so(
        self, world: World
    ) -> None:
        transcript_id = world.submit(SPEAKERS)
        steps = world.transcription(decoder=TWO_PEOPLE, diarizer=FAILING)
        steps.prepare(transcript_id)
        with pytest.raises(DiarizerFailed) as failed:
            steps.recognize(transcript_id, 0)
        exhausted = JobAttemptsExhausted()
        exhausted.__cause__ = failed.value  # as the queue gives it up after its attempts
        steps.fail(transcript_id, exhausted, world.announcing(transcript_id))
        error = world.row(transcript_id).error
        assert error is not None
        assert error.startswith("speaker_labels failed: the model that tells speakers apart")

    def test_a_model_that_fails_has_no_chunk_recognised_again(self, world: World) -> None:
        counting = Counting()
        recognizers = RecognizerPool(counting)
        transcript_id = world.submit(SPEAKERS)
        failing = world.transcription(decoder=TWO_PEOPLE, recognizers=recognizers, diarizer=FAILING)
        failing.prepare(transcript_id)
        for _ in range(3):
            with pytest.raises(DiarizerFailed):
                failing.recognize(transcript_id, 0)
        n_recognised = counting.n_recognised
        world.transcription(recognizers=recognizers, diarizer=counting).recognize(transcript_id, 0)
        assert (counting.n_recognised, counting.n_told_apart) == (n_recognised, 1)
        assert n_recognised == 3  # one run: the three stretches of speech
        failing.finish(transcript_id, world.announcing(transcript_id))
        assert {word.speaker for word in world.result(transcript_id).words} == {"A", "B"}

    def test_a_chunk_that_is_done_twice_gives_what_once_would(self, world: World) -> None:
        once, twice = world.submit(SPEAKERS), world.submit(SPEAKERS)
        steps = world.transcription(decoder=TWO_PEOPLE, diarizer=ScriptedDiarizer())
        world.run(once, steps)
        steps.prepare(twice)
        with pytest.raises(DiarizerFailed):
            world.transcription(diarizer=FAILING).recognize(twice, 0)
        steps.recognize(twice, 0)
        steps.recognize(twice, 0)
        steps.finish(twice, world.announcing(twice))
        assert world.result(twice) == world.result(once)


def load_where_there_is_no_gpu(compute: ComputeOptions) -> Recognizer:
    if compute.device != "cpu":
        raise DeviceUnusable("out of memory")
    return ScriptedRecognizer()


class TestTwice:
    def test_every_step_may_run_twice_and_there_is_one_result_and_one_webhook(
        self, world: World
    ) -> None:
        transcript_id = world.submit(webhook_url="http://here/hook")
        steps = world.transcription(decoder=TWO_CHUNKS)
        assert steps.prepare(transcript_id) == steps.prepare(transcript_id) == 2
        started_at = world.row(transcript_id).started_at
        for index in (0, 1, 1, 0):
            steps.recognize(transcript_id, index)
        steps.finish(transcript_id, world.announcing(transcript_id))
        result, row = world.result(transcript_id), world.row(transcript_id)
        world.clock.turn(hours=1)
        steps.finish(transcript_id, world.announcing(transcript_id))
        with world.engine.begin() as conn:
            (line,) = report_usage(conn, UsageFilter())
        assert (line.total.n_requests, line.total.product) == (1, "transcription")
        assert world.result(transcript_id) == result
        assert world.row(transcript_id) == row
        assert row.started_at == started_at
        assert world.announced == [transcript_id]

    def test_twice_gives_what_once_would(self, world: World) -> None:
        once, twice = world.submit(), world.submit()
        world.run(once)
        world.transcription().prepare(twice)
        world.transcription().recognize(twice, 0)
        world.run(twice)
        assert world.result(twice) == world.result(once)

    def test_a_worker_that_died_after_it_committed_is_cleaned_up_after(self, world: World) -> None:
        transcript_id = world.completed()
        world.media.put(f"work/{transcript_id}/chunk-0", [b"left behind"])
        world.transcription().finish(transcript_id, world.announcing(transcript_id))
        assert world.work() == []

    def test_a_result_and_its_webhook_are_committed_together_or_not_at_all(
        self, world: World
    ) -> None:
        transcript_id = world.submit(webhook_url="http://here/hook")
        steps = world.transcription()
        steps.prepare(transcript_id)
        steps.recognize(transcript_id, 0)

        def refuse(_: object) -> None:
            raise RuntimeError("the queue is not there")

        with pytest.raises(RuntimeError):
            steps.finish(transcript_id, refuse)
        assert world.row(transcript_id).status is TranscriptStatus.PROCESSING
        steps.finish(transcript_id, world.announcing(transcript_id))
        assert world.result(transcript_id).text == "well said"

    def test_without_a_webhook_nothing_is_announced(self, world: World) -> None:
        world.completed()
        assert world.announced == []


class TestOverlap:
    def test_chunks_are_recognised_before_the_recording_is_decoded(self, world: World) -> None:
        transcript_id = world.submit()
        steps = world.transcription(decoder=TWO_CHUNKS)
        recognised: list[int] = []

        def recognise_at_once(index: int) -> None:
            assert not world.media.exists(f"work/{transcript_id}/recording")
            steps.recognize(transcript_id, index)
            recognised.append(index)

        assert steps.prepare(transcript_id, recognise_at_once) == 2
        assert recognised == [0, 1]
        steps.finish(transcript_id, world.announcing(transcript_id))
        assert world.result(transcript_id).words

    def test_no_chunk_is_offered_before_the_language_is_known(self, world: World) -> None:
        options = TranscriptOptions(language_detection=LanguageDetection())
        transcript_id = world.submit(options)
        steps = world.transcription(decoder=TWO_CHUNKS)
        offered: list[int] = []

        def offer(index: int) -> None:
            assert world.media.exists(f"work/{transcript_id}/plan")
            offered.append(index)

        assert steps.prepare(transcript_id, offer) == 2
        assert offered == [0, 1]

    def test_a_run_after_one_that_broke_off_keeps_what_was_recognised(self, world: World) -> None:
        transcript_id, undisturbed = world.submit(), world.submit()
        steps = world.transcription(decoder=TWO_CHUNKS)
        world.run(undisturbed, steps)

        def recognise_and_die(index: int) -> None:
            steps.recognize(transcript_id, index)
            raise ConnectionError

        with pytest.raises(ConnectionError):
            steps.prepare(transcript_id, recognise_and_die)
        # Its detector would cut elsewhere, and hears no speech.
        other_release = world.transcription(decoder=TWO_CHUNKS, detector=DeafDetector())
        offered: list[int] = []
        assert other_release.prepare(transcript_id, offered.append) == 2
        assert offered == [0, 1]
        steps.recognize(transcript_id, 1)
        steps.finish(transcript_id, world.announcing(transcript_id))
        wanted = [word for word in world.result(undisturbed).words if word.end_ms <= 75_000]
        words = world.result(transcript_id).words
        assert wanted
        assert [word for word in words if word.end_ms <= 75_000] == wanted

    def test_a_recording_that_is_cancelled_is_not_decoded_to_its_end(self, world: World) -> None:
        transcript_id = world.submit()
        offered: list[int] = []

        def cancel(index: int) -> None:
            offered.append(index)
            world.cancel(transcript_id)

        with pytest.raises(TransitionImpossible):
            world.transcription(decoder=TWO_CHUNKS).prepare(transcript_id, cancel)
        assert offered == [0]
        assert world.work() == []


class TestFailure:
    def test_a_fault_of_the_media_is_told_to_the_caller(self, world: World) -> None:
        transcript_id = world.submit(webhook_url="http://here/hook")
        steps = world.transcription()
        steps.prepare(transcript_id)
        steps.fail(transcript_id, AudioTooShort(), world.announcing(transcript_id))
        row = world.row(transcript_id)
        assert (row.status, row.error) == (TranscriptStatus.ERROR, "Audio duration is too short.")
        assert row.error_code == "audio_too_short"
        assert world.announced == [transcript_id]
        assert world.work() == []

    @pytest.mark.parametrize("error", [ModelMissing("/srv/models"), RuntimeError("secret path")])
    def test_a_fault_of_ours_is_told_without_what_it_was(
        self, world: World, error: Exception
    ) -> None:
        transcript_id = world.submit()
        world.transcription().fail(transcript_id, error, world.announcing(transcript_id))
        assert world.row(transcript_id).error == "Server error, developers have been alerted."

    def test_too_little_speech_fails_with_the_text_of_the_compatible_api(
        self, world: World
    ) -> None:
        transcript_id = world.submit(TranscriptOptions(speech_threshold=0.9))
        halves = ScriptedDecoder(np.concatenate([tone(20_000), silence(20_000)])[None])
        steps = world.transcription(decoder=halves)
        with pytest.raises(SpeechBelowThreshold) as refusal:
            steps.prepare(transcript_id)
        steps.fail(transcript_id, refusal.value, world.announcing(transcript_id))
        error = world.row(transcript_id).error
        assert error is not None
        assert error.startswith("Audio speech threshold 0.50")
        assert error.endswith("is below the requested speech threshold value 0.9")
        assert world.work() == []

    def test_what_has_ended_cannot_fail(self, world: World) -> None:
        transcript_id = world.completed(webhook_url="http://here/hook")
        world.announced.clear()
        with pytest.raises(TransitionImpossible):
            world.transcription().fail(
                transcript_id, AudioTooShort(), world.announcing(transcript_id)
            )
        assert world.row(transcript_id).status is TranscriptStatus.COMPLETED
        assert world.announced == []

    def test_a_job_without_its_transcript_is_a_fault_of_ours(self, world: World) -> None:
        with pytest.raises(OperatorError):
            world.transcription().recognize("no such id", 0)
        with pytest.raises(OperatorError):
            world.transcription().finish("no such id", world.announcing("no such id"))

    def test_an_upload_that_is_gone_cannot_be_downloaded(self, world: World) -> None:
        upload = world.upload()
        # Port 1: the server that would say that there is no such upload is not there either.
        transcript_id = world.submit(upload=upload, audio_url="http://127.0.0.1:1/upload/gone")
        with world.engine.begin() as conn:
            delete_upload(conn, upload.id)
        with pytest.raises(DownloadFailed):
            world.transcription().prepare(transcript_id)


class Asking:
    """Asks somebody else for a summary; `answer` is what they do meanwhile, and say."""

    name: FeatureName = "summarization"
    is_english_only = False

    def __init__(self, answer: Callable[[], str]) -> None:
        self.asked: list[str] = []
        self._answer = answer

    def is_asked_for(self, options: UnderstandingOptions) -> bool:
        return options.summary is not None

    def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
        del options
        transcript.require_wanted()
        transcript.meter.add("tiny", Usage(7, 2))
        self.asked.append(" ".join(word.text for word in transcript.words))
        return Findings(summary=self._answer()).by(self.name, "asked")


SUMMARY = SummaryOptions("informative", "paragraph")
MAIL = RecognizerPool(ScriptedRecognizer(("Jane@Example.com", "wrote.")))
HIDDEN_MAIL = TranscriptOptions(
    understanding=UnderstandingOptions(summary=SUMMARY, entities=True),
    redaction=RedactionOptions(("email_address",)),
)


class TestAskingOthers:
    def begun(self, world: World, asking: Asking) -> tuple[str, Transcription]:
        """A transcript of which all chunks are recognised."""
        transcript_id = world.submit(HIDDEN_MAIL, webhook_url="http://here/hook")
        steps = world.transcription(
            recognizers=MAIL, features=(EntitiesFeature(),), asking_features=(asking,)
        )
        steps.prepare(transcript_id)
        steps.recognize(transcript_id, 0)
        return transcript_id, steps

    def test_it_is_done_between_putting_together_and_completing(self, world: World) -> None:
        asking = Asking(lambda: "Somebody wrote.")
        transcript_id, steps = self.begun(world, asking)
        announce = world.announcing(transcript_id)
        assert not steps.finish(transcript_id, announce)
        assert (asking.asked, world.announced) == ([], [])
        assert world.row(transcript_id).status is TranscriptStatus.PROCESSING
        steps.ask(transcript_id)
        assert asking.asked == ["################ wrote."]
        assert steps.finish(transcript_id, announce)
        findings = world.result(transcript_id).findings
        assert findings is not None
        assert findings.summary == "Somebody wrote."
        assert [entity.text for entity in findings.entities or ()] == ["Jane@Example.com"]
        assert [method.feature for method in findings.methods] == [
            "entity_detection",
            "summarization",
        ]
        assert world.announced == [transcript_id]
        assert world.work() == []

    def test_what_they_took_is_counted_once_with_the_transcript(self, world: World) -> None:
        transcript_id, steps = self.begun(world, Asking(lambda: "Somebody wrote."))
        announce = world.announcing(transcript_id)
        for _ in range(2):
            assert not steps.finish(transcript_id, announce)
        for _ in range(2):  # the second finds the answer of the first
            steps.ask(transcript_id)
        with world.engine.begin() as conn:
            assert report_usage(conn, UsageFilter()) == []
        for _ in range(2):
            assert steps.finish(transcript_id, announce)
        with world.engine.begin() as conn:
            lines = report_usage(conn, UsageFilter(), ("product", "model"))
        (llm,) = (line.total for line in lines if line.total.product == "llm")
        assert (llm.model, llm.n_requests) == ("tiny", 1)
        assert (llm.input_tokens, llm.output_tokens) == (7, 2)

    def test_meanwhile_the_words_as_they_were_said_are_nowhere(self, world: World) -> None:
        transcript_id, steps = self.begun(world, Asking(lambda: "Somebody wrote."))
        assert not steps.finish(transcript_id, world.announcing(transcript_id))
        workspace = Workspace(world.media, transcript_id)
        assert workspace.find_words(0) is None
        kept = workspace.find_result()
        assert kept is not None
        assert "Jane" not in str(kept)

    def test_a_worker_that_dies_after_an_answer_has_nothing_asked_again(self, world: World) -> None:
        asking = Asking(lambda: "Somebody wrote.")
        transcript_id, steps = self.begun(world, asking)
        announce = world.announcing(transcript_id)
        assert not steps.finish(transcript_id, announce)
        assert not steps.finish(transcript_id, announce)  # another worker's, from the beginning
        steps.ask(transcript_id)
        steps.ask(transcript_id)
        assert steps.finish(transcript_id, announce)
        assert len(asking.asked) == 1
        assert steps.finish(transcript_id, announce)
        assert world.announced == [transcript_id]

    def test_a_question_that_ends_its_worker_every_time_is_done_without(self, world: World) -> None:
        def die() -> str:
            raise KeyboardInterrupt  # nothing between here and the worker stops it

        transcript_id, steps = self.begun(world, Asking(die))
        announce = world.announcing(transcript_id)
        assert not steps.finish(transcript_id, announce)
        for _ in range(2):
            with pytest.raises(KeyboardInterrupt):
                steps.ask(transcript_id)
        steps.ask(transcript_id)
        assert steps.finish(transcript_id, announce)
        findings = world.result(transcript_id).findings
        assert findings is not None
        assert findings.lacks("summarization")
        assert findings.entities

    def test_where_nobody_asks_it_is_finished_at_once(self, world: World) -> None:
        transcript_id = world.submit()
        asking = Asking(lambda: "Well said.")
        world.run(transcript_id, world.transcription(asking_features=(asking,)))
        assert asking.asked == []
        assert world.row(transcript_id).status is TranscriptStatus.COMPLETED

    def test_of_a_cancelled_transcript_nothing_is_told_to_others(self, world: World) -> None:
        asking = Asking(lambda: "Somebody wrote.")
        transcript_id, steps = self.begun(world, asking)
        assert not steps.finish(transcript_id, world.announcing(transcript_id))
        world.cancel(transcript_id)
        with pytest.raises(TransitionImpossible):
            steps.ask(transcript_id)
        assert asking.asked == []
        assert world.work() == []

    def test_what_is_cancelled_while_others_answer_leaves_nothing_behind(
        self, world: World
    ) -> None:
        def cancel() -> str:
            world.cancel(transcript_id)
            return "Too late."

        transcript_id, steps = self.begun(world, Asking(cancel))
        assert not steps.finish(transcript_id, world.announcing(transcript_id))
        with pytest.raises(TransitionImpossible):
            steps.ask(transcript_id)
        assert world.work() == []


HIDING_SAID = TranscriptOptions(
    redaction=RedactionOptions(
        own_terms=(OwnTerms("word", ("said",)),), audio=RedactedAudioOptions("wav", "silence")
    )
)


class Meanwhile:
    """Two seconds of speech; as soon as they are decoded something else happens."""

    def __init__(self, happen: Callable[[], None]) -> None:
        self._happen = happen

    @contextmanager
    def open(self, path: Path, **options: Any) -> Iterator[OpenMedia]:  # noqa: ANN401 - passed on
        with ScriptedDecoder(tone(2000)[None]).open(path, **options) as media:
            yield media
        self._happen()

    def close(self) -> None:
        """Nothing is open."""


class TestRedactedAudio:
    def test_it_is_there_when_the_transcript_is_completed_and_has_no_secret(
        self, world: World, tmp_path: Path
    ) -> None:
        transcript_id = world.submit(HIDING_SAID)
        world.run(transcript_id)
        assert world.result(transcript_id).text == "well ####"
        made = tmp_path / "made.wav"
        made.write_bytes(world.media.get(redacted_key(transcript_id, "wav")))
        with wave.open(str(made), "rb") as file:
            heard = np.frombuffer(file.readframes(file.getnframes()), dtype="<i2")
        assert len(heard) == 32_000  # two seconds, of which the second word is in the latter half
        assert heard[:4_000].any()
        assert not heard[16_000:].any()

    def test_what_became_of_it_is_told_with_the_transcript(self, world: World) -> None:
        transcript_id = world.submit(HIDING_SAID)
        recognizers = RecognizerPool(ScriptedRecognizer(script=()))
        world.run(transcript_id, world.transcription(recognizers=recognizers))
        assert NO_SPEECH in world.result(transcript_id).warnings
        assert world.media.children("redacted") == []

    def test_a_step_that_is_repeated_makes_it_again(self, world: World) -> None:
        transcript_id = world.submit(HIDING_SAID)
        steps = world.transcription()
        steps.prepare(transcript_id)
        steps.recognize(transcript_id, 0)

        def die(_conn: sa.Connection) -> None:
            raise ZeroDivisionError

        for hook in ("http://here/hook", None):
            with world.engine.begin() as conn:
                conn.execute(transcripts.update().values(webhook_url=hook))
            if hook is not None:
                with pytest.raises(ZeroDivisionError):
                    steps.finish(transcript_id, die)
            else:
                steps.finish(transcript_id, die)
            assert world.media.exists(redacted_key(transcript_id, "wav"))
        assert world.row(transcript_id).status is TranscriptStatus.COMPLETED

    def test_of_what_was_cancelled_meanwhile_nothing_is_left(self, world: World) -> None:
        transcript_id = world.submit(HIDING_SAID)
        steps = world.transcription()
        steps.prepare(transcript_id)
        steps.recognize(transcript_id, 0)
        finishing = world.transcription(decoder=Meanwhile(lambda: world.cancel(transcript_id)))
        with pytest.raises(TransitionImpossible):
            finishing.finish(transcript_id, world.announcing(transcript_id))
        assert world.media.children("redacted") == []
        assert world.work() == []

    def test_of_what_fails_nothing_is_left(self, world: World) -> None:
        transcript_id = world.submit(HIDING_SAID)
        world.media.put(redacted_key(transcript_id, "wav"), [b"beep"])
        world.transcription().fail(
            transcript_id, OperatorError("x"), world.announcing(transcript_id)
        )
        assert world.media.children("redacted") == []


class TestCancellation:
    def test_what_was_cancelled_is_not_prepared(self, world: World) -> None:
        transcript_id = world.submit()
        world.cancel(transcript_id)
        with pytest.raises(TransitionImpossible):
            world.transcription().prepare(transcript_id)
        assert world.work() == []

    def test_what_was_cancelled_is_not_recognised(self, world: World) -> None:
        transcript_id = world.submit()
        world.transcription().prepare(transcript_id)
        world.cancel(transcript_id)
        with pytest.raises(TransitionImpossible):
            world.transcription().recognize(transcript_id, 0)
        assert world.work() == []

    def test_what_was_cancelled_is_not_completed(self, world: World) -> None:
        transcript_id = world.submit(webhook_url="http://here/hook")
        steps = world.transcription()
        steps.prepare(transcript_id)
        steps.recognize(transcript_id, 0)
        world.cancel(transcript_id)
        steps.finish(transcript_id, world.announcing(transcript_id))
        row = world.row(transcript_id)
        assert (row.status, row.error) == (TranscriptStatus.ERROR, "Cancelled by user.")
        assert world.announced == []
        assert world.work() == []

    def test_what_is_cancelled_while_it_is_recognised_leaves_no_words_behind(
        self, world: World
    ) -> None:
        class CancellingRecognizer:
            name = "cancelling"
            languages = frozenset({"en"})

            def recognize(self, *given: Any) -> Any:  # noqa: ANN401 - passed through
                world.cancel(transcript_id)
                return ScriptedRecognizer().recognize(*given)

        transcript_id = world.submit()
        steps = world.transcription(recognizers=RecognizerPool(CancellingRecognizer()))
        steps.prepare(transcript_id)
        with pytest.raises(TransitionImpossible):
            steps.recognize(transcript_id, 0)
        assert world.work() == []


class _Origin(BaseHTTPRequestHandler):
    """Has a recording at /recording, and breaks off in the middle of /broken."""

    def do_GET(self) -> None:
        is_known = self.path in {"/recording", "/broken"}
        self.send_response(200 if is_known else 404)
        self.send_header("Content-Length", str(len(RECORDING) if is_known else 0))
        self.end_headers()
        self.wfile.write(RECORDING if self.path == "/recording" else b"RI" * is_known)

    @override
    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def origin() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Origin) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class TestUrls:
    def test_a_recording_is_fetched_kept_for_the_job_and_deleted_in_the_end(
        self, world: World, origin: str
    ) -> None:
        transcript_id = world.submit(audio_url=f"{origin}/recording", allows_private_hosts=True)
        world.transcription().prepare(transcript_id)
        key = f"work/{transcript_id}/source"
        assert world.media.get(key) == RECORDING
        # Chunks of it may have been recognised: a second run must not meet another recording there.
        world.media.put(key, [b"RIFF as it was"])
        world.transcription().prepare(transcript_id)
        assert world.media.get(key) == b"RIFF as it was"
        world.run(transcript_id)
        assert world.result(transcript_id).text == "well said"
        assert world.work() == []

    @pytest.mark.parametrize("path", ["/missing", "/broken"])
    def test_a_recording_that_cannot_be_had_is_a_failed_download(
        self, world: World, origin: str, path: str
    ) -> None:
        transcript_id = world.submit(audio_url=f"{origin}{path}", allows_private_hosts=True)
        with pytest.raises(DownloadFailed, match=f"Download error.*{origin}{path}"):
            world.transcription().prepare(transcript_id)
        assert not world.media.exists(f"work/{transcript_id}/source")

    def test_an_address_of_this_machine_is_refused_unless_the_request_came_from_it(
        self, world: World, origin: str
    ) -> None:
        transcript_id = world.submit(audio_url=f"{origin}/recording")
        with pytest.raises(DownloadFailed):
            world.transcription().prepare(transcript_id)


@pytest.fixture
def database_files(world: World) -> Callable[[], bytes]:
    """Reads all that SQLite has on disk, its log too."""
    if world.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL keeps what was overwritten until it vacuums")
    path = Path(world.engine.url.database or "")
    return lambda: b"".join(file.read_bytes() for file in path.parent.glob(f"{path.name}*"))


class TestWhatIsToBeHidden:
    @pytest.mark.parametrize("fails", [False, True])
    def test_it_is_in_the_database_no_longer_than_the_work(
        self, world: World, database_files: Callable[[], bytes], fails: bool
    ) -> None:
        terms = (OwnTerms("word", ("said", "Zanzibar")),)
        hiding = TranscriptOptions(
            redaction=RedactionOptions(own_terms=terms),
            understanding=UnderstandingOptions(custom_topics=("Trips to Zanzibar",)),
        )
        transcript_id = world.submit(hiding)
        assert b"Zanzibar" in database_files()
        if fails:
            steps = world.transcription()
            steps.prepare(transcript_id)
            steps.fail(transcript_id, AudioTooShort(), world.announcing(transcript_id))
        else:
            topics = CustomTopicsFeature(None)
            world.run(transcript_id, world.transcription(features=(topics,)))
            assert world.result(transcript_id).text == "well ####"
            findings = world.result(transcript_id).findings
            assert findings is not None
            assert findings.custom_topics is not None
        assert b"Zanzibar" not in database_files()

    def test_what_a_newer_version_asks_for_fails_before_the_work(self, world: World) -> None:
        newer = RedactionOptions(("url",), not_understood=("hides_more",))
        transcript_id = world.submit(TranscriptOptions(redaction=newer))
        with pytest.raises(RequestNotUnderstood):
            world.transcription().prepare(transcript_id)


class TestDeletedProjects:
    def test_nobody_is_asked_for_a_project_whose_name_is_gone(self, world: World) -> None:
        asking = Asking(lambda: "Somebody wrote.")
        transcript_id = world.submit(HIDDEN_MAIL)
        steps = world.transcription(recognizers=MAIL, asking_features=(asking,))
        steps.prepare(transcript_id)
        steps.recognize(transcript_id, 0)
        assert not steps.finish(transcript_id, world.announcing(transcript_id))
        with world.engine.begin() as conn:
            mark_project_deleted(conn, world.project_id, world.clock())
        with pytest.raises(TransitionImpossible):
            steps.ask(transcript_id)
        assert asking.asked == []

    def test_redacted_audio_that_is_made_while_its_transcript_is_deleted_does_not_stay(
        self, world: World
    ) -> None:
        transcript_id = world.submit()
        steps = world.transcription()
        steps.prepare(transcript_id)
        world.cancel(transcript_id)
        with world.engine.begin() as conn:
            scrub_transcript(conn, transcript_id, world.clock())
        world.media.put(redacted_key(transcript_id, "mp3"), [b"secret"])
        with pytest.raises(TransitionImpossible):
            steps.recognize(transcript_id, 0)
        assert not world.media.exists(redacted_key(transcript_id, "mp3"))
