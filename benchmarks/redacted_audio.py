"""What can still be heard of words that redacted audio hides.

Run as `python -m benchmarks.redacted_audio --data ../shared/eval`. With --write the tables go into
docs/reference/benchmarks.md.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from benchmarks.datasets import Clip, read_english_clips
from benchmarks.matching import match_words
from benchmarks.recordings import decode_pcm, write_wav
from benchmarks.report import Table, describe_run, load_average, write_section
from benchmarks.timing import BACK_CHANNELS, QUIET_SETS, read_meeting
from earshot.audio.hiding import merge_spans
from earshot.audio.speech import Span
from earshot.audio.waveform import SAMPLE_RATE
from earshot.pipeline.offline import transcribe_file
from earshot.pipeline.redacted_audio import (
    DEFAULT_MARGINS,
    Margins,
    find_hidden,
    write_redacted_audio,
)
from earshot.pipeline.stages import Stages
from earshot.settings import load_settings
from earshot.transcript.options import (
    RedactedAudioForm,
    RedactedAudioOptions,
    TranscriptOptions,
)
from earshot.transcript.words import Word
from earshot.wiring.models import load_stages

MARGINS = {
    "the words' own times": Margins(0, 0),
    "100 ms, pauses to 300 ms": Margins(100, 300),
    "250 ms, pauses to 750 ms": Margins(250, 750),
    "as served: 500 ms, pauses to 1,000 ms": DEFAULT_MARGINS,
}
RUNS = (1, 4)  # words of one secret
# So much of a word may be recognised.
AUDIBLE_MS = 200
MIN_LETTERS = 5
EVERY = 5  # of the words that are long enough, one is a secret
PAUSE = np.zeros(SAMPLE_RATE // 2, dtype=np.int16)
NEAR_MS = 1_000


@dataclass(frozen=True, slots=True)
class Meeting:
    """What was said, with its true times, what was heard, and the pairs that are the same words."""

    said: Sequence[Word]
    heard: Sequence[Word]
    pairs: Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Trial:
    """A secret that was hidden: how long it is said, how much of it is heard, and of one word."""

    said_ms: int
    heard_ms: int
    most_of_a_word_ms: int


def hide(words: Sequence[Word], secret: Iterable[int]) -> list[Word]:
    hidden = set(secret)
    return [replace(w, text="#") if index in hidden else w for index, w in enumerate(words)]


def audible_ms(word: Word, hidden: Sequence[Span]) -> int:
    """How much of the word's time is in none of the spans, which do not overlap."""
    per_ms = SAMPLE_RATE // 1000
    covered = sum(
        max(
            0,
            min(word.end_ms, s.end_samples // per_ms)
            - max(word.start_ms, s.start_samples // per_ms),
        )
        for s in hidden
    )
    return word.duration_ms - covered


def secrets_in(meeting: Meeting, n_words: int) -> Iterator[list[tuple[int, int]]]:
    """Runs of so many words that were said and heard one after the other, and share no word."""
    run: list[tuple[int, int]] = []
    for pair in meeting.pairs:
        if run and pair != (run[-1][0] + 1, run[-1][1] + 1):
            run = []
        run.append(pair)
        if len(run) == n_words:
            if not any(meeting.said[at].text.lower() in BACK_CHANNELS for at, _ in run):
                yield run
            run = []


def try_secrets(meeting: Meeting, n_words: int, margins: Margins) -> Iterator[Trial]:
    """Hide one secret after the other."""
    for run in secrets_in(meeting, n_words):
        shown = hide(meeting.heard, [heard_at for _, heard_at in run])
        hidden = merge_spans(find_hidden(meeting.heard, shown, margins))
        said = [meeting.said[at] for at, _ in run]
        left = [audible_ms(word, hidden) for word in said]
        yield Trial(sum(word.duration_ms for word in said), sum(left), max(left))


def read_meetings(data: Path, stages: Stages) -> Iterator[Meeting]:
    for path in sorted((data / "diar" / "ami").glob("*.segments.json")):
        said = read_meeting(path)
        audio = path.with_name(path.name.replace(".segments.json", ".flac"))
        heard = transcribe_file(audio, TranscriptOptions(), stages).words
        pairs = match_words([w.text for w in said], [w.text for w in heard])
        yield Meeting(said, heard, pairs)


def coverage_row(name: str, n_words: int, trials: Sequence[Trial]) -> tuple[str, ...]:
    said_ms = sum(trial.said_ms for trial in trials)
    return (
        name,
        str(n_words),
        str(len(trials)),
        f"{100 * np.mean([trial.heard_ms == 0 for trial in trials]):.0f}",
        f"{100 * sum(trial.heard_ms for trial in trials) / said_ms:.1f}",
        f"{100 * np.mean([trial.most_of_a_word_ms >= AUDIBLE_MS for trial in trials]):.1f}",
    )


def measure_meetings(data: Path, stages: Stages) -> Table:
    meetings = list(read_meetings(data, stages))
    rows = [
        coverage_row(name, n_words, [t for m in meetings for t in try_secrets(m, n_words, margins)])
        for n_words in RUNS
        for name, margins in MARGINS.items()
    ]
    return Table(
        "Hidden words of meetings, by the corpus's own times",
        (
            "Hidden around a word",
            "words",
            "secrets",
            "wholly hidden, %",
            "time heard, %",
            f"{AUDIBLE_MS} ms of a word heard, %",
        ),
        rows,
        "Every word of the AMI corpus that was heard right, back-channels excluded, alone and four "
        "in a row, hidden by the times that it was heard at.",
    )


def join_clips(clips: Sequence[Clip], path: Path) -> Path:
    return write_wav(path, (part for clip in clips for part in (PAUSE, decode_pcm(clip.path))))


def choose_secrets(words: Sequence[Word]) -> list[int]:
    long_enough = [index for index, word in enumerate(words) if len(word.text) >= MIN_LETTERS]
    return long_enough[::EVERY]


def listen_again(
    source: Path, heard: Sequence[Word], form: RedactedAudioForm, stages: Stages, secret: list[int]
) -> tuple[float, float]:
    """Which shares of the secret and of the other words are heard once more, where they were."""
    target = source.with_name(f"redacted.{form}")
    audio = RedactedAudioOptions(form)
    options = TranscriptOptions()
    hidden = find_hidden(heard, hide(heard, secret))
    write_redacted_audio(source, target, options, audio, hidden, stages.decoder)
    again = transcribe_file(target, options, stages).words
    found = {
        at
        for at, again_at in match_words([w.text for w in heard], [w.text for w in again])
        if abs(again[again_at].start_ms - heard[at].start_ms) < NEAR_MS
    }
    others = set(range(len(heard))) - set(secret)
    return len(found & set(secret)) / len(secret), len(found & others) / len(others)


def measure_listening(data: Path, stages: Stages) -> Table:
    rows = []
    clips = [clip for clip in read_english_clips(data) if clip.set_name in QUIET_SETS]
    with tempfile.TemporaryDirectory(prefix="earshot-bench-") as folder:
        source = join_clips(clips, Path(folder) / "source.wav")
        heard = transcribe_file(source, TranscriptOptions(), stages).words
        secret = choose_secrets(heard)
        forms: tuple[RedactedAudioForm, ...] = ("mp3", "wav")
        for form in forms:
            leaked, kept = listen_again(source, heard, form, stages, secret)
            cells = (str(len(secret)), f"{100 * leaked:.1f}", f"{100 * kept:.1f}")
            rows.append((f"{form}, tone", *cells))
    return Table(
        "Hidden words that a recogniser hears again",
        ("Redacted audio", "secrets", "heard again, %", "other words heard again, %"),
        rows,
        f"Read speech ({', '.join(QUIET_SETS)}): of the words of {MIN_LETTERS} letters and more "
        f"every {EVERY}th is hidden, and the redacted audio is transcribed. What is next to a "
        "secret is lost with it.",
    )


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.redacted_audio", description=__doc__
    )
    parser.add_argument("--data", type=Path, required=True, help="folder with asr/ and diar/ami/")
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args()
    load_before = load_average()
    stages = load_stages(load_settings())
    try:
        tables = [measure_meetings(options.data, stages), measure_listening(options.data, stages)]
    finally:
        stages.decoder.close()
    run = describe_run(["benchmarks.redacted_audio", *sys.argv[1:]], load_before)
    content = "\n".join([run, "", *(table.render() for table in tables)])
    print(content)
    if options.write:
        write_section("redacted-audio", content)


if __name__ == "__main__":
    main()
