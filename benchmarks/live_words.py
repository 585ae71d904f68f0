"""How right live words are, beside those of the same audio as a file.

Run as `python -m benchmarks.live_words --data ../shared/eval`. A few words more or less are right
by chance: a recording at another level, or some milliseconds later, gets other errors. So each clip
is heard in four versions, once live and once as a file, on all cores: no time is measured here.
LibriSpeech is heard over a telephone, too, which counts apart. With --write the table goes into
docs/reference/benchmarks.md.
"""

import argparse
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.util import Finalize
from pathlib import Path

import numpy as np

from benchmarks.datasets import TELEPHONE_SET, TELEPHONE_SOURCE, Clip, read_english_clips
from benchmarks.live_trials import run_session
from benchmarks.recordings import Pcm16, decode_pcm, telephone_clip, write_wav
from benchmarks.report import Table, describe_run, load_average, write_section
from benchmarks.streaming import LEFT_OUT, Laboratory, followed_by_silence
from benchmarks.transcription_tables import MADE_SETS
from earshot.audio.waveform import SAMPLE_RATE
from earshot.evaluation.scoring import ErrorCounts, count_errors, count_errors_of_speakers
from earshot.pipeline.offline import transcribe_file
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.words import join_words

N_DRAWS = 2000
Counts = tuple[int, ErrorCounts, ErrorCounts]
"""A clip's row, its errors here, and there."""


@dataclass(frozen=True, slots=True)
class Version:
    """How a clip is changed: its level, and how much silence comes first."""

    level: float
    delay_ms: int

    def of(self, pcm: Pcm16) -> Pcm16:
        changed: Pcm16 = np.rint(pcm * self.level).astype(np.int16)
        return np.concatenate([np.zeros(self.delay_ms * SAMPLE_RATE // 1000, np.int16), changed])


VERSIONS = (Version(1.0, 0), Version(0.8, 0), Version(0.9, 5), Version(0.7, 11))


@dataclass(frozen=True, slots=True)
class Errors:
    """Those of one version of a clip: in final words, in formatted turns, and as a file."""

    clip: Clip
    version: Version
    live: ErrorCounts
    formatted: ErrorCounts
    as_file: ErrorCounts


class _Worker:
    """One process's models; the same for all clips that it is given."""

    laboratory: Laboratory

    @classmethod
    def start(cls) -> None:
        cls.laboratory = Laboratory()
        Finalize(None, cls.laboratory.stages.decoder.close, exitpriority=1)


def _hear(clip_and_version: tuple[Clip, Version]) -> Errors:
    clip, version = clip_and_version
    laboratory = _Worker.laboratory
    pcm = version.of(decode_pcm(clip.path))
    trial = run_session(laboratory.open_session(), followed_by_silence(pcm), laboratory.hear)
    with tempfile.TemporaryDirectory(prefix="earshot-live-words-") as folder:
        path = write_wav(Path(folder) / "clip.wav", [pcm])
        words = transcribe_file(path, TranscriptOptions(), laboratory.stages).words
    return Errors(
        clip,
        version,
        _count(clip, trial.text(is_formatted=False)),
        _count(clip, trial.text(is_formatted=True)),
        _count(clip, join_words(words)),
    )


def _hear_all(wanted: Sequence[tuple[Clip, Version]]) -> list[Errors]:
    with get_context("spawn").Pool(initializer=_Worker.start) as pool:
        errors = pool.map(_hear, wanted, chunksize=4)
        pool.close()  # and not terminated: the workers close what they opened
        pool.join()
    return errors


def _count(clip: Clip, text: str) -> ErrorCounts:
    if clip.speaker_references:
        return count_errors_of_speakers(clip.speaker_references, text)
    return count_errors(clip.reference, text)


def word_error_table(errors: Sequence[Errors]) -> Table:
    groups = {
        name: [one for one in errors if one.clip.set_name == name]
        for name in dict.fromkeys(one.clip.set_name for one in errors)
    }
    spoken = [one for one in errors if one.clip.set_name not in MADE_SETS]
    for version in dict.fromkeys(one.version for one in spoken):
        name = f"all, level {version.level:g}, {version.delay_ms} ms later"
        groups[name] = [one for one in spoken if one.version == version]
    groups["all but ami"] = [one for one in spoken if one.clip.set_name != "ami"]
    groups["all, even rows"] = [one for one in spoken if one.clip.row % 2 == 0]
    groups["all, odd rows"] = [one for one in spoken if one.clip.row % 2 == 1]
    groups["all"] = spoken
    return Table(
        "Word error rate of live words",
        ("Clips", "words", "final words %", "formatted %", "as a file %", "points apart (95 %)"),
        [_row(name, chosen) for name, chosen in groups.items() if chosen],
        "Against the reference of each clip, with the turns of the default options, in all versions"
        f" together. The interval of the difference is from {N_DRAWS:,} bootstrap draws of clips. "
        f"`telephone` is `{TELEPHONE_SOURCE}` through 8 kHz mu-law, and no part of all.",
    )


def _row(name: str, errors: Sequence[Errors]) -> tuple[str, ...]:
    n_words = sum(one.live.n_words for one in errors)
    n_errors = [
        sum(one.live.n_errors for one in errors),
        sum(one.formatted.n_errors for one in errors),
        sum(one.as_file.n_errors for one in errors),
    ]
    live, formatted, as_file = (100 * count / n_words for count in n_errors)
    apart = _points_apart([(one.clip.row, one.as_file, one.live) for one in errors])
    return name, str(n_words), f"{live:.2f}", f"{formatted:.2f}", f"{as_file:.2f}", apart


def telephone_table(errors: Sequence[Errors]) -> Table:
    """What the same clips lose on their way over a telephone."""
    wide = {
        (one.clip.row, one.version): one for one in errors if one.clip.set_name == TELEPHONE_SOURCE
    }
    pairs = [
        (wide[one.clip.row, one.version], one)
        for one in errors
        if one.clip.set_name == TELEPHONE_SET
    ]
    heard = {
        "live, final words": [(one.clip.row, one.live, other.live) for one, other in pairs],
        "as a file": [(one.clip.row, one.as_file, other.as_file) for one, other in pairs],
    }
    return Table(
        "What a telephone costs",
        ("Heard", "16 kHz %", "telephone %", "points apart (95 %)"),
        [_telephone_row(name, counts) for name, counts in heard.items()],
        "The same clips in the same versions; the aim is 3 points.",
    )


def _telephone_row(name: str, counts: Sequence[Counts]) -> tuple[str, ...]:
    wide = [here for _, here, _ in counts]
    narrow = [there for _, _, there in counts]
    return name, _rate(wide), _rate(narrow), _points_apart(counts)


def _rate(counts: Sequence[ErrorCounts]) -> str:
    return f"{100 * sum(one.n_errors for one in counts) / sum(one.n_words for one in counts):.2f}"


def _points_apart(counts: Sequence[Counts]) -> str:
    n_words = sum(one.n_words for _, one, _ in counts)
    more = 100 * sum(there.n_errors - here.n_errors for _, here, there in counts) / n_words
    low, high = interval_apart(counts)
    return f"{more:.2f} ({low:.1f} to {high:.1f})"


def interval_apart(counts: Sequence[Counts]) -> tuple[float, float]:
    """How many points more, by 95 % of draws of clips with all their versions."""
    rows = sorted({row for row, _, _ in counts})
    difference = np.zeros(len(rows))
    n_words = np.zeros(len(rows))
    for row, here, there in counts:
        place = rows.index(row)
        difference[place] += there.n_errors - here.n_errors
        n_words[place] += here.n_words
    draws = np.random.default_rng(1).integers(len(rows), size=(N_DRAWS, len(rows)))
    apart = 100 * difference[draws].sum(axis=1) / n_words[draws].sum(axis=1)
    low, high = np.percentile(apart, [2.5, 97.5])
    return float(low), float(high)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.live_words", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with asr/manifest.jsonl")
    parser.add_argument("--write", action="store_true", help="put the table into the docs")
    options = parser.parse_args()
    load_before = load_average()
    clips = [clip for clip in read_english_clips(options.data) if clip.set_name not in LEFT_OUT]
    with tempfile.TemporaryDirectory(prefix="earshot-live-words-") as folder:
        spoken = [clip for clip in clips if clip.set_name == TELEPHONE_SOURCE]
        clips += [telephone_clip(clip, Path(folder)) for clip in spoken]
        errors = _hear_all([(clip, version) for clip in clips for version in VERSIONS])
    tables = [word_error_table(errors)]
    if any(one.clip.set_name == TELEPHONE_SET for one in errors):
        tables.append(telephone_table(errors))
    content = "\n".join(table.render() for table in tables)
    run = describe_run(["benchmarks.live_words", *sys.argv[1:]], load_before)
    print(f"{run}\n\n{content}")
    if options.write:
        write_section("live-words", f"{run}\n\n{content}")


if __name__ == "__main__":
    main()
