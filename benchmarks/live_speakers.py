"""Who says each word of a live session: as turns end, after the revision, and in the file result.

Run as `python -m benchmarks.live_speakers --data ../shared/eval`. Sessions are fed as fast as they
are heard. With --write the table goes into docs/reference/benchmarks.md.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks.diarization import Recording, read_recordings
from benchmarks.matching import match_words
from benchmarks.report import Table, describe_run, load_average, write_section
from earshot.audio.speech import StreamingSpeechDetector
from earshot.audio.waveform import SAMPLE_RATE, Samples, samples_from_pcm16
from earshot.diarization.catalog import load_diarizer
from earshot.diarization.diarizer import Diarizer, Track
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
WAYS = (
    "as turns end",
    "after the revision",
    "as turns end, `max_speakers`",
    "after the revision, `max_speakers`",
    "file result",
)


@dataclass(frozen=True, slots=True)
class Labelled:
    """A word, when it was said, and whose it was told to be."""

    text: str
    middle_ms: float
    label: str


@dataclass(slots=True)
class Session:
    """What one session told, what it was answered, and what that cost in seconds of one core."""

    turns: dict[int, TurnUpdated] = field(default_factory=dict)
    revised: dict[int, TurnUpdated] = field(default_factory=dict)
    recognitions: list[Recognition] = field(default_factory=list)
    voices: list[list[Track]] = field(default_factory=list)
    hearing_s: float = 0.0
    voices_s: float = 0.0


@dataclass(frozen=True, slots=True)
class Finding:
    """One recording, its session, and how right each of WAYS is."""

    recording: Recording
    held: Session
    scores: Mapping[str, "Score"]


@dataclass(frozen=True, slots=True)
class Score:
    """Words of one recording or of several: how many were judged, right, and of nobody known."""

    n_judged: int = 0
    n_right: int = 0
    n_unknown: int = 0

    def __add__(self, other: "Score") -> "Score":
        return Score(
            self.n_judged + other.n_judged,
            self.n_right + other.n_right,
            self.n_unknown + other.n_unknown,
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
            [wanted.waveform], [wanted.draft], wanted.hints
        )
        return answer

    def open_session(self, max_speakers: int | None = None) -> LabelledSession:
        options = LiveOptions(formats_turns=True, speaker_labels=True)
        return LabelledSession(LiveSession(options, self.detector), max_speakers)

    def hold_session(
        self, session: LabelledSession, samples: Samples, again: Session | None = None
    ) -> Session:
        """Send the samples, and answer what is wanted at once; as before, where it is `again`."""
        held = Session()

        def take(events: Iterable[Event]) -> None:
            for event in events:
                match event:
                    case TurnUpdated(is_end=True):
                        held.turns[event.turn_order] = event
                    case HearingWanted():
                        take(session.heard(event.request_id, self._hear(event, held, again)))
                    case VoicesWanted():
                        tracks = self._find_tracks(event, held, again)
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

    def _hear(self, wanted: HearingWanted, held: Session, again: Session | None) -> Recognition:
        began_s = time.process_time()  # the recognizer may have helpers
        number = len(held.recognitions)
        answer = self.hear(wanted) if again is None else again.recognitions[number]
        held.hearing_s += time.process_time() - began_s
        held.recognitions.append(answer)
        return answer

    def _find_tracks(
        self, wanted: VoicesWanted, held: Session, again: Session | None
    ) -> list[Track]:
        began_s = time.process_time()  # the diarizer may have helpers
        number = len(held.voices)
        if again is None:
            tracks = self.diarizer.find_tracks(wanted.waveform, wanted.speech)
        else:
            tracks = again.voices[number]
        held.voices_s += time.process_time() - began_s
        held.voices.append(tracks)
        return tracks


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
        return _score_pairs(_tagged_pairs(recording, words))
    pairs = []
    for word in words:
        speakers = {
            name
            for name, stretches in recording.turns.items()
            if any(s.start_ms <= word.middle_ms < s.end_ms for s in stretches)
        }
        if speakers:
            pairs.append((word.label, frozenset(speakers)))
    return _score_pairs(pairs)


def _tagged_pairs(
    recording: Recording, words: Sequence[Labelled]
) -> list[tuple[str, frozenset[str]]]:
    said = json.loads(recording.path.with_suffix(".words.json").read_text(encoding="utf-8"))
    pairs = match_words([str(word["word"]) for word in said], [word.text for word in words])
    return [(words[at].label, frozenset({str(said[n]["speaker_tag"])})) for n, at in pairs]


def _score_pairs(pairs: Sequence[tuple[str, frozenset[str]]]) -> Score:
    labels = sorted({label for label, _ in pairs} - {UNKNOWN})
    names = sorted({name for _, speaking in pairs for name in speaking})
    together = np.zeros((len(labels), len(names)))
    for label, speaking in pairs:
        for name in speaking:
            if label != UNKNOWN:
                together[labels.index(label), names.index(name)] += 1
    rows, columns = linear_sum_assignment(together, maximize=True)
    return Score(
        n_judged=len(pairs),
        n_right=int(together[rows, columns].sum()),
        n_unknown=sum(label == UNKNOWN for label, _ in pairs),
    )


def score_session(recording: Recording, held: Session) -> tuple[Score, Score]:
    """As turns ended, and after the revision."""
    ends = [held.turns[order] for order in sorted(held.turns)]
    revised = [held.revised.get(end.turn_order, end) for end in ends]
    first, last = (
        score_words(recording, labelled_words(word for turn in turns for word in turn.words))
        for turns in (ends, revised)
    )
    return first, last


def measure(recording: Recording, laboratory: Laboratory) -> Finding:
    """One session, the same one with the number of speakers given, and the file result."""
    samples = live_samples(recording)
    held = laboratory.hold_session(laboratory.open_session(), samples)
    most = len(recording.turns or recording.speaker_texts)
    capped = laboratory.hold_session(laboratory.open_session(most), samples, held)
    options = TranscriptOptions(speakers=SpeakerOptions())
    words = transcribe_file(recording.path, options, laboratory.stages).words
    scores = (
        *score_session(recording, held),
        *score_session(recording, capped),
        score_words(recording, labelled_words(words)),
    )
    return Finding(recording, held, dict(zip(WAYS, scores, strict=True)))


def speaker_table(found: Sequence[Finding]) -> Table:
    rows = []
    for name in [*dict.fromkeys(one.recording.set_name for one in found), "all"]:
        mine = [one for one in found if name in (one.recording.set_name, "all")]
        totals = [sum((one.scores[way] for one in mine), start=Score()) for way in WAYS]
        rows.append((name, str(len(mine)), str(totals[0].n_judged), *map(_cell, totals)))
    hearing_s = sum(one.held.hearing_s for one in found)
    voices_s = sum(one.held.voices_s for one in found)
    note = (
        "Words of the right speaker, in percent of those that were told while the reference has "
        "somebody speaking, under the best match of labels; in brackets the words of `UNKNOWN`. "
        "With `max_speakers`, it is the number in the reference. Listening to voices took "
        f"{100 * voices_s / hearing_s:.0f} % of the processor time that hearing the words took."
    )
    columns = ("Set", "recordings", "words", *WAYS)
    return Table("Speakers of live sessions", columns, rows, note)


def _cell(score: Score) -> str:
    judged = max(1, score.n_judged)
    right = f"{100 * score.n_right / judged:.1f}"
    return f"{right} ({100 * score.n_unknown / judged:.1f})" if score.n_unknown else right


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_speakers", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with diar/")
    parser.add_argument("--write", action="store_true", help="put the table into the docs")
    options = parser.parse_args()
    # Before the run, which is long: the revision is that of the code that is loaded now.
    run = describe_run(["benchmarks.live_speakers", *sys.argv[1:]], load_average())
    laboratory = Laboratory()
    try:
        found = [measure(one, laboratory) for one in read_recordings(options.data)]
    finally:
        laboratory.stages.decoder.close()
    content = "\n".join([run, "", speaker_table(found).render()])
    print(content)
    if options.write:
        write_section("live-speakers", content)


if __name__ == "__main__":
    main()
