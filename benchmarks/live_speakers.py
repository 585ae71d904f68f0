"""Who says each word of a live session: as turns end, after the revision, and in the file result.

Run as `python -m benchmarks.live_speakers --data ../shared/eval`. Sessions are fed as fast as they
are heard. With --write the table goes into docs/reference/benchmarks.md.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks.diarization import Recording, read_recordings
from benchmarks.matching import match_words
from benchmarks.report import Table, describe_run, load_average, write_section
from earshot.audio.speech import StreamingSpeechDetector
from earshot.audio.waveform import SAMPLE_RATE, Samples, samples_from_pcm16
from earshot.diarization.catalog import load_diarizer
from earshot.diarization.diarizer import Diarizer
from earshot.pipeline.offline import transcribe_file
from earshot.pipeline.stages import Stages
from earshot.recognition.catalog import load_recognizer
from earshot.recognition.recognizer import DraftingRecognizer, Recognition
from earshot.settings import load_settings
from earshot.streaming.events import (
    Event,
    HearingWanted,
    LiveWord,
    SpeakersRevised,
    SpeakersWanted,
    TurnUpdated,
    VoicesWanted,
)
from earshot.streaming.labelled_session import LabelledSession
from earshot.streaming.labels import UNKNOWN
from earshot.streaming.options import LiveOptions
from earshot.streaming.session import LiveSession
from earshot.streaming.shared_voices import attribute_words
from earshot.transcript.options import SpeakerOptions, TranscriptOptions
from earshot.transcript.words import Word
from earshot.wiring.installed import DEFAULT_ENGINE, open_models
from earshot.wiring.models import load_detector, load_stages

CHUNK_SAMPLES = SAMPLE_RATE // 10
SILENCE_AFTER_S = 2
WAYS = ("as turns end", "after the revision", "file result")


@dataclass(frozen=True, slots=True)
class Labelled:
    """A word, when it was said, and whose it was told to be."""

    text: str
    middle_ms: float
    label: str


@dataclass(slots=True)
class Session:
    """What one session told, and what it cost in seconds of one core."""

    turns: dict[int, TurnUpdated]
    revised: dict[int, TurnUpdated]
    hearing_s: float = 0.0
    voices_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Score:
    """Words of one recording or of several: how many were judged, right, and of nobody known."""

    n_judged: int = 0
    n_right: int = 0
    n_unknown: int = 0
    n_speakers_off: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.n_judged + other.n_judged,
            self.n_right + other.n_right,
            self.n_unknown + other.n_unknown,
            self.n_speakers_off + other.n_speakers_off,
        )


class Laboratory:
    """The models, loaded once."""

    def __init__(self) -> None:
        settings = load_settings()
        store = open_models(settings)
        self.stages: Stages = load_stages(settings)
        self.detector: StreamingSpeechDetector = load_detector(store)
        self.diarizer: Diarizer = load_diarizer(store)
        recognizer = load_recognizer(DEFAULT_ENGINE, store)
        assert isinstance(recognizer, DraftingRecognizer)
        self.recognizer: DraftingRecognizer = recognizer

    def hear(self, wanted: HearingWanted) -> Recognition:
        (answer,) = self.recognizer.recognize_drafted(
            [wanted.waveform], [wanted.expected], wanted.hints
        )
        return answer

    def open_session(self, max_speakers: int | None = None) -> LabelledSession:
        options = LiveOptions(formats_turns=True, speaker_labels=True)
        return LabelledSession(LiveSession(options, self.detector), max_speakers)

    def hold_session(self, session: LabelledSession, samples: Samples) -> Session:
        """Send the samples, and answer what is wanted at once."""
        held = Session({}, {})

        def take(events: Iterable[Event]) -> None:
            for event in events:
                began_s = time.thread_time()
                match event:
                    case TurnUpdated(is_end=True):
                        held.turns[event.turn_order] = event
                    case HearingWanted():
                        answer = self.hear(event)
                        held.hearing_s += time.thread_time() - began_s
                        take(session.heard(event.request_id, answer))
                    case VoicesWanted():
                        tracks = self.diarizer.find_tracks(event.waveform, event.speech)
                        held.voices_s += time.thread_time() - began_s
                        take(session.voices_heard(event.request_id, tracks))
                    case SpeakersWanted():
                        take(session.speakers_found(event.request_id, attribute_words(event)))
                    case SpeakersRevised():
                        for one in event.revisions:
                            turn = held.turns[one.turn_order]
                            held.revised[one.turn_order] = replace(turn, words=one.words)
                    case _:
                        pass

        for first in range(0, len(samples), CHUNK_SAMPLES):
            take(session.add_audio(samples[first : first + CHUNK_SAMPLES]))
        take(session.finish())
        assert session.is_finished
        return held


def live_samples(recording: Recording) -> Samples:
    """The recording, and the silence that a microphone would send after it."""
    silence = np.zeros(SILENCE_AFTER_S * SAMPLE_RATE, dtype=np.float32)
    return np.concatenate([samples_from_pcm16(recording.pcm), silence])


def labelled_words(words: Iterable[Word | LiveWord]) -> list[Labelled]:
    return [Labelled(w.text, (w.start_ms + w.end_ms) / 2, w.speaker or UNKNOWN) for w in words]


def score_words(recording: Recording, words: Sequence[Labelled]) -> Score:
    """How many words are of somebody who speaks then, under the best match of labels.

    Words at which the reference has nobody are not judged. Without times in the reference, words
    that were heard right are judged by the tags that it has for words.
    """
    if recording.turns is None:
        return _score_pairs(_tagged_pairs(recording, words), words)
    pairs = []
    for word in words:
        speakers = {
            name
            for name, stretches in recording.turns.items()
            if any(s.start_ms <= word.middle_ms < s.end_ms for s in stretches)
        }
        if speakers:
            pairs.append((word.label, frozenset(speakers)))
    return _score_pairs(pairs, words)


def _tagged_pairs(
    recording: Recording, words: Sequence[Labelled]
) -> list[tuple[str, frozenset[str]]]:
    said = json.loads(recording.path.with_suffix(".words.json").read_text(encoding="utf-8"))
    pairs = match_words([str(word["word"]) for word in said], [word.text for word in words])
    return [(words[at].label, frozenset({str(said[n]["speaker_tag"])})) for n, at in pairs]


def _score_pairs(pairs: Sequence[tuple[str, frozenset[str]]], words: Sequence[Labelled]) -> Score:
    labels = sorted({label for label, _ in pairs} - {UNKNOWN})
    names = sorted({name for _, speaking in pairs for name in speaking})
    together = np.zeros((len(labels), len(names)))
    for label, speaking in pairs:
        for name in speaking:
            if label != UNKNOWN:
                together[labels.index(label), names.index(name)] += 1
    rows, columns = linear_sum_assignment(together, maximize=True)
    n_found = len({word.label for word in words} - {UNKNOWN})
    return Score(
        n_judged=len(pairs),
        n_right=int(together[rows, columns].sum()),
        n_unknown=sum(label == UNKNOWN for label, _ in pairs),
        n_speakers_off=abs(n_found - len(names)),
    )


def score_recording(
    recording: Recording, held: Session, file_words: Sequence[Word]
) -> tuple[Score, Score, Score]:
    """By each of the ways."""
    ends = [held.turns[order] for order in sorted(held.turns)]
    revised = [held.revised.get(end.turn_order, end) for end in ends]
    return (
        score_words(recording, labelled_words(word for end in ends for word in end.words)),
        score_words(recording, labelled_words(word for end in revised for word in end.words)),
        score_words(recording, labelled_words(file_words)),
    )


def measure(
    recordings: Sequence[Recording], laboratory: Laboratory, *, is_capped: bool
) -> list[tuple[Recording, Session, tuple[Score, Score, Score]]]:
    """With `is_capped` the number in the reference is the most that there may be."""
    found = []
    for recording in recordings:
        most = _n_speakers(recording) if is_capped else None
        held = laboratory.hold_session(laboratory.open_session(most), live_samples(recording))
        options = TranscriptOptions(speakers=SpeakerOptions(maximum=most))
        words = transcribe_file(recording.path, options, laboratory.stages).words
        found.append((recording, held, score_recording(recording, held, words)))
    return found


def _n_speakers(recording: Recording) -> int:
    return len(recording.turns or recording.speaker_texts)
