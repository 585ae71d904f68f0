"""Live sessions: how soon words come and turns end, and how many sessions fit a machine.

Run as `python -m benchmarks.streaming --data ../shared/eval`. The first part is one session at a
time on a simulated clock (`benchmarks.live_trials`), the second many at once at the pace of their
audio (`benchmarks.live_sessions`); neither has a socket. How right the words are is measured by
`benchmarks.live_words`. With --write the tables go into docs/reference/benchmarks.md.

A word's latency counts from its end in the audio, by the word times of the file result, to when a
client that sends 50 ms at a time is told it: first as the last word of a turn, then as final.
"""

import argparse
import random
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.datasets import SETS_APART, Clip, read_english_clips
from benchmarks.live_sessions import Crowd, Known, measure_crowd
from benchmarks.live_trials import (
    Answer,
    Latency,
    LiveTrial,
    count_retracted,
    end_delays_ms,
    run_session,
    word_latencies,
)
from benchmarks.recordings import Pcm16, decode_pcm
from benchmarks.report import Table, describe_run, load_average, write_section
from earshot.audio.speech import StreamingSpeechDetector
from earshot.audio.waveform import SAMPLE_RATE, Samples, samples_from_pcm16
from earshot.pipeline.offline import transcribe_file
from earshot.pipeline.stages import Stages
from earshot.recognition.catalog import load_recognizer
from earshot.recognition.recognizer import DraftingRecognizer
from earshot.settings import load_settings
from earshot.streaming.events import HearingWanted
from earshot.streaming.options import LiveOptions, TurnPolicy
from earshot.streaming.session import LiveSession
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.words import Word
from earshot.wiring.installed import DEFAULT_ENGINE, open_models
from earshot.wiring.models import load_detector, load_stages

HARD_READ_SPEECH = "librispeech"  # of which words are told later than of the rest
LEFT_OUT = SETS_APART | {"stereo", "noise"}
SILENCE_AFTER_S = 2
FIRST_TOLD_MS, FINAL_MS = 400, 900  # what we aim for at the median
# Every pause of this length ends a turn: so its end is known.
AT_ONCE = TurnPolicy(confidence_threshold=0.0)


@dataclass(frozen=True, slots=True)
class Heard:
    """One clip, live and as a file."""

    clip: Clip
    trial: LiveTrial
    at_once: LiveTrial
    file_words: tuple[Word, ...]
    duration_s: float


class Laboratory:
    """The models, loaded once."""

    def __init__(self) -> None:
        settings = load_settings()
        store = open_models(settings)
        self.stages: Stages = load_stages(settings)
        self.detector: StreamingSpeechDetector = load_detector(store)
        recognizer = load_recognizer(DEFAULT_ENGINE, store)
        assert isinstance(recognizer, DraftingRecognizer)
        self.recognizer: DraftingRecognizer = recognizer

    def hear(self, wanted: HearingWanted) -> Answer:
        began_s, computed_s = time.perf_counter(), time.process_time()
        (recognition,) = self.recognizer.recognize_drafted(
            [wanted.waveform], [wanted.draft], wanted.hints
        )
        took_s = time.perf_counter() - began_s
        return Answer(recognition, took_s, time.process_time() - computed_s)

    def hear_clip(self, clip: Clip) -> Heard:
        samples, words = self.known(clip)
        trials = [
            run_session(self.open_session(turns), samples, self.hear)
            for turns in (TurnPolicy(), AT_ONCE)
        ]
        return Heard(clip, trials[0], trials[1], words, len(samples) / SAMPLE_RATE)

    def known(self, clip: Clip) -> Known:
        """The clip, and its words as a file."""
        words = transcribe_file(clip.path, TranscriptOptions(), self.stages).words
        return live_samples(clip), words

    def open_session(self, turns: TurnPolicy = TurnPolicy()) -> LiveSession:  # noqa: B008 - frozen
        return LiveSession(LiveOptions(turns, formats_turns=True), self.detector)


def live_samples(clip: Clip) -> Samples:
    """The clip as a microphone would send it."""
    return followed_by_silence(decode_pcm(clip.path))


def followed_by_silence(pcm: Pcm16) -> Samples:
    """The audio, and the silence that a microphone would send after it."""
    silence = np.zeros(SILENCE_AFTER_S * SAMPLE_RATE, dtype=np.float32)
    return np.concatenate([samples_from_pcm16(pcm), silence])


def latency_table(heard: Sequence[Heard]) -> Table:
    rows = [
        (name, *_latency_cells([one for one in heard if one.clip.row % 2 == remainder]))
        for remainder, name in enumerate(("even rows", "odd rows"))
        if any(one.clip.row % 2 == remainder for one in heard)
    ]
    return Table(
        "Latency of live words and turns, one session",
        (
            "Clips",
            "words",
            "first told p50 / p95 ms",
            "final p50 / p95 ms",
            "turn p50 / p95 ms",
            "retracted",
            "one core %",
        ),
        rows,
        "Words that were told as in the file result. A turn's end counts from the end of its last "
        "word and the silence configured, 400 ms, with a confidence threshold of 0. One core: the "
        "processor time of all hearings in percent of the audio's duration.",
    )


def _latency_cells(heard: Sequence[Heard]) -> tuple[str, ...]:
    latencies = [latency for one in heard for latency in word_latencies(one.trial, one.file_words)]
    delays = [
        delay
        for one in heard
        for delay in end_delays_ms(one.at_once, one.file_words, AT_ONCE.min_silence_ms)
    ]
    computing_s = sum(one.trial.computing_s for one in heard)
    return (
        str(len(latencies)),
        *latency_cells(latencies),
        percentiles(delays),
        str(sum(count_retracted(one.trial) for one in heard)),
        f"{100 * computing_s / max(1e-9, sum(one.duration_s for one in heard)):.0f}",
    )


def latency_cells(latencies: Sequence[Latency]) -> tuple[str, str]:
    return (
        percentiles([latency.partial_ms for latency in latencies]),
        percentiles([latency.final_ms for latency in latencies]),
    )


def percentiles(values_ms: Sequence[float]) -> str:
    """Median and 95th percentile."""
    if not values_ms:
        return "-"
    return f"{np.percentile(values_ms, 50):.0f} / {np.percentile(values_ms, 95):.0f}"


def crowd_table(crowds: Sequence[Crowd], of_what: str) -> Table:
    most = max((crowd.n_sessions for crowd in crowds if _is_within_target(crowd)), default=0)
    rows = [
        (
            str(crowd.n_sessions),
            *latency_cells(crowd.latencies),
            f"{100 * crowd.dropped_share:.0f}",
            f"{crowd.recognizer_cores:.2f}",
            f"{crowd.driver_cores:.2f}",
            f"{crowd.latest_chunk_ms:.0f}",
        )
        for crowd in crowds
    ]
    return Table(
        f"Live sessions at once, {of_what}",
        (
            "Sessions",
            "first told p50 / p95 ms",
            "final p50 / p95 ms",
            "left out %",
            "cores of recognizer",
            "cores of sender and sessions",
            "latest chunk ms",
        ),
        rows,
        "At real pace in one process, without sockets; sessions begin at odds with one another, "
        "within three seconds. Left out: hearings skipped for newer ones. Latest chunk: the most "
        f"that the sender was behind. Words are told within {FIRST_TOLD_MS} ms and final within "
        f"{FINAL_MS} ms at the median with up to {most} sessions.",
    )


def _is_within_target(crowd: Crowd) -> bool:
    told_ms = np.median([latency.partial_ms for latency in crowd.latencies])
    final_ms = np.median([latency.final_ms for latency in crowd.latencies])
    return bool(told_ms <= FIRST_TOLD_MS and final_ms <= FINAL_MS)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.streaming", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with asr/manifest.jsonl")
    parser.add_argument(
        "--sessions",
        type=int,
        nargs="*",
        default=[1, 4, 8, 16, 32],
        help="how many at once; without a number, leave out the second part",
    )
    parser.add_argument("--seconds", type=float, default=40.0, help="of audio in each session")
    parser.add_argument("--rows", choices=("all", "even", "odd"), default="all")
    parser.add_argument("--only-sessions", action="store_true", help="leave out the first part")
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args()
    load_before = load_average()
    laboratory = Laboratory()
    clips = [clip for clip in read_english_clips(options.data) if clip.set_name not in LEFT_OUT]
    if options.rows != "all":
        clips = [clip for clip in clips if clip.row % 2 == (options.rows == "odd")]
    tables = []
    try:
        if not options.only_sessions:
            heard = [laboratory.hear_clip(clip) for clip in clips]
            tables.append(latency_table(heard))
        if options.sessions:
            mixed = random.Random(1).sample(clips, len(clips))
            known = [(clip.set_name, laboratory.known(clip)) for clip in mixed]
            every = [one for _, one in known]
            hard = [one for set_name, one in known if set_name == HARD_READ_SPEECH]
            for chosen, of_what in ((every, "the same clips"), (hard, HARD_READ_SPEECH)):
                crowds = [
                    measure_crowd(
                        n, chosen, options.seconds, laboratory.open_session, laboratory.recognizer
                    )
                    for n in options.sessions
                ]
                tables.append(crowd_table(crowds, of_what))
    finally:
        laboratory.stages.decoder.close()
    run = describe_run(["benchmarks.streaming", *sys.argv[1:]], load_before)
    content = "\n".join([run, "", *(table.render() for table in tables)])
    print(content)
    if options.write:
        write_section("streaming", content)


if __name__ == "__main__":
    main()
