"""Who speaks when: Earshot beside the library with the same models and two plain loops, in one run.

Run as `python -m benchmarks.diarization --data ../shared/eval`. With --hour it is the time and
memory of one long recording instead, words and speakers together. With --write the tables go into
docs/reference/benchmarks.md.
"""

import argparse
import json
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from scipy.optimize import linear_sum_assignment

from benchmarks.datasets import Clip, read_english_clips
from benchmarks.diarization_errors import (
    DiarizationErrors,
    Turns,
    diarization_error_rate,
    diarization_errors,
    read_rttm,
)
from benchmarks.diarizers import Earshot, MoonshineLibrary, PlainLoop, System
from benchmarks.engines import EngineUnavailable
from benchmarks.long_recording import long_table, repeat_to
from benchmarks.matching import match_words
from benchmarks.recordings import Pcm16, decode_pcm
from benchmarks.report import Table, describe_run, load_average, write_section
from earshot.audio.waveform import SAMPLE_RATE
from earshot.evaluation.scoring import ErrorCounts, count_errors, total_of
from earshot.pipeline.offline import transcribe_file
from earshot.pipeline.stages import Stages
from earshot.settings import load_settings
from earshot.transcript.options import SpeakerOptions, TranscriptOptions
from earshot.transcript.words import Word
from earshot.wiring.installed import open_models
from earshot.wiring.models import load_stages

COLLARS_MS = (250, 0)
OURS = "Earshot"
# Sets of one reader per clip, so that more than one speaker is an error.
MONOLOGUES = ("librispeech", "librivox", "ljspeech", "vctk")
MONOLOGUE_S = 10.0
LONG_S = 600


@dataclass(frozen=True, slots=True)
class Recording:
    """Audio and who speaks when in it; `turns` is None where only the words are known."""

    name: str
    set_name: str
    path: Path
    pcm: Pcm16
    turns: Turns | None
    speaker_texts: Mapping[str, str]

    @property
    def duration_ms(self) -> int:
        return len(self.pcm) * 1000 // SAMPLE_RATE


@dataclass(frozen=True, slots=True)
class Finding:
    """What a system made of a recording, and what that took."""

    recording: Recording
    turns: Turns
    cpu_s: float
    wall_s: float

    def errors(self, collar_ms: int) -> DiarizationErrors:
        assert self.recording.turns is not None
        duration_ms = self.recording.duration_ms
        return diarization_errors(self.recording.turns, self.turns, duration_ms, collar_ms)

    @property
    def count_error(self) -> int:
        assert self.recording.turns is not None
        return abs(len(self.turns) - len(self.recording.turns))


def read_recordings(data: Path) -> list[Recording]:
    lines = (data / "diar" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    return [_recording(data, json.loads(line)) for line in lines if line.strip()]


def _recording(data: Path, row: Mapping[str, object]) -> Recording:
    path, rttm, texts = data / str(row["path"]), row["rttm"], row["speaker_texts"]
    assert isinstance(texts, dict)
    turns = read_rttm((data / str(rttm)).read_text(encoding="utf-8")) if rttm else None
    return Recording(path.stem, path.parent.name, path, decode_pcm(path), turns, texts)


def measure(recording: Recording, diarize: Callable[[Pcm16], Turns]) -> Finding:
    wall_s, cpu_s = time.monotonic(), time.process_time()
    turns = diarize(recording.pcm)
    return Finding(recording, turns, time.process_time() - cpu_s, time.monotonic() - wall_s)


def open_systems(earshot: Earshot) -> dict[str, System]:
    store = open_models(load_settings())
    systems: dict[str, System] = {
        OURS: earshot,
        "plain loop, 5 s hop": PlainLoop(store, 5.0),
        "plain loop, 2.5 s hop": PlainLoop(store, 2.5),
    }
    try:
        systems["Moonshine library"] = MoonshineLibrary()
    except EngineUnavailable as error:
        print(f"\n*** The library is not measured: {error}\n")
    return systems


def error_table(found: Mapping[str, Sequence[Finding]], title: str, note: str) -> Table:
    """DER by set and collar, errors of the count, and speed."""
    rows = []
    for system, findings in found.items():
        sets = dict.fromkeys(finding.recording.set_name for finding in findings)
        for name in [*sets, "all"]:
            mine = [f for f in findings if name in (f.recording.set_name, "all")]
            rows.append((f"{system}, {name}", str(len(mine)), *_error_cells(mine)))
    columns = (
        *("Recordings", "number", "DER, collar 0.25 s", "DER, no collar", "missed", "invented"),
        *("confused", "speakers off by", "x realtime of CPU"),
    )
    return Table(title, columns, rows, note)


def _error_cells(findings: Sequence[Finding]) -> Iterable[str]:
    for collar_ms in COLLARS_MS:
        rate = diarization_error_rate([finding.errors(collar_ms) for finding in findings])
        yield f"{rate.percent:.1f} ({rate.low_percent:.1f}-{rate.high_percent:.1f})"
    total = sum((f.errors(COLLARS_MS[0]) for f in findings), start=DiarizationErrors())
    for part_ms in (total.missed_ms, total.invented_ms, total.confused_ms):
        yield f"{100 * part_ms / total.speech_ms:.1f}"
    yield f"{np.mean([finding.count_error for finding in findings]):.2f}"
    audio_s = sum(finding.recording.duration_ms for finding in findings) / 1000
    yield f"{audio_s / sum(finding.cpu_s for finding in findings):.1f}"


def hint_table(recordings: Sequence[Recording], earshot: Earshot) -> Table:
    """With the number of speakers given: right, and wrong by one."""
    found: dict[str, list[Finding]] = {}
    for label, offset in (("right", 0), ("one too many", 1), ("one too few", -1)):
        for recording in recordings:
            assert recording.turns is not None
            options = SpeakerOptions(expected=max(1, len(recording.turns) + offset))
            finding = measure(recording, partial(earshot.diarize, options=options))
            found.setdefault(f"expected {label}", []).append(finding)
    note = "Earshot again, where `speakers_expected` is the number in the reference, or not."
    return error_table(found, "With the number of speakers given", note)


def monologue_table(data: Path, earshot: Earshot) -> Table:
    """The share of recordings of one reader in which one speaker is found."""
    clips = [clip for clip in read_english_clips(data) if clip.set_name in MONOLOGUES]
    long = [clip for clip in clips if clip.duration_s >= MONOLOGUE_S]
    readers: dict[str, list[Clip]] = {}
    for clip in clips:
        if clip.set_name == "librispeech":
            readers.setdefault(clip.path.name.partition("-")[0], []).append(clip)
    joined = [np.concatenate([decode_pcm(c.path) for c in mine]) for mine in readers.values()]
    rows = []
    for name, parts in (
        (f"clips of {MONOLOGUE_S:.0f} s or more", [decode_pcm(clip.path) for clip in long]),
        ("all clips of a LibriSpeech reader in a row", joined),
    ):
        counts = [len(earshot.diarize(pcm)) for pcm in parts]
        rows.append((name, str(len(counts)), str(counts.count(1)), str(max(counts))))
    columns = ("One reader", "recordings", "with one speaker", "most speakers")
    return Table("Monologues", columns, rows, f"Sets: {', '.join(MONOLOGUES)}.")


def speed_table(recordings: Sequence[Recording], earshot: Earshot) -> Table:
    """One long recording: on one thread and on two."""
    pcm = repeat_to([recording.pcm for recording in recordings], LONG_S)
    long = Recording("long", "long", Path(), pcm, None, {})
    rows = []
    for name, diarize in (
        ("one thread", earshot.diarize),
        ("two threads", earshot.diarize_on_threads),
    ):
        finding = measure(long, diarize)
        rows.append((name, f"{LONG_S / finding.cpu_s:.1f}", f"{LONG_S / finding.wall_s:.1f}"))
    note = (
        f"All recordings in a row, again and again, {LONG_S // 60} minutes: voice activity, "
        "segmentation, embeddings and grouping, without recognition. Cores that are idle help one "
        "thread to describe its voices, so that it is faster by wall time than by CPU. What else "
        "runs on the machine takes from the last column."
    )
    columns = ("Diarization of a long recording", "x realtime of CPU", "x realtime of wall time")
    return Table("Speed of diarization", columns, rows, note)


def word_table(recordings: Sequence[Recording], stages: Stages) -> Table:
    """Whose words they are: concatenated minimum-permutation errors, and tags of single words."""
    counts: dict[str, list[ErrorCounts]] = {}
    alone: dict[str, list[ErrorCounts]] = {}
    tags = "-"
    for recording in recordings:
        options = TranscriptOptions(speakers=SpeakerOptions())
        words = transcribe_file(recording.path, options, stages).words
        said = list(recording.speaker_texts.values())
        counts.setdefault(recording.set_name, []).append(speaker_word_errors(said, words))
        text = " ".join(word.text for word in words)
        alone.setdefault(recording.set_name, []).append(count_errors(" ".join(said), text))
        tagged = recording.path.with_suffix(".words.json")
        if recording.turns is None and tagged.is_file():
            tags = _tag_accuracy(json.loads(tagged.read_text(encoding="utf-8")), words)
    rows = []
    for name, mine in counts.items():
        total = total_of(mine)
        percent = 100 * total.n_errors / max(1, total.n_words)
        accuracy = tags if name == "pico" else "-"
        rows.append((name, str(len(mine)), str(total.n_words), f"{percent:.1f}", accuracy))
    columns = ("Set", "recordings", "words", "cpWER, %", "right speaker, % of words")
    note = (
        "Words and speakers as `earshot transcribe --speakers` gives them. cpWER: each speaker's "
        "words in a row against the reference's, under the best match of speakers. The right "
        "speaker is counted over the words that were heard right."
    )
    return Table("Words with their speakers", columns, rows, note)


def speaker_word_errors(said: Sequence[str], words: Sequence[Word]) -> ErrorCounts:
    """The fewest errors over all one-to-one matches of speakers; who is left over is all wrong."""
    heard: dict[str | None, list[str]] = {}
    for word in words:
        heard.setdefault(word.speaker, []).append(word.text)
    found = [" ".join(mine) for mine in heard.values()]
    size = max(len(said), len(found))
    padded_said = [*said, *[""] * (size - len(said))]
    padded_found = [*found, *[""] * (size - len(found))]
    pairs = [[count_errors(one, other) for other in padded_found] for one in padded_said]
    costs = np.array([[pair.n_errors for pair in row] for row in pairs]).reshape(size, size)
    return total_of(
        pairs[row][column] for row, column in zip(*linear_sum_assignment(costs), strict=True)
    )


def _tag_accuracy(said: Sequence[Mapping[str, object]], words: Sequence[Word]) -> str:
    """The share of the words that were heard right that have the right speaker, in percent."""
    pairs = match_words([str(word["word"]) for word in said], [word.text for word in words])
    tags = sorted({str(word["speaker_tag"]) for word in said})
    labels = sorted({str(word.speaker) for word in words})
    together = np.zeros((len(tags), len(labels)))
    for at, heard_at in pairs:
        tag, label = str(said[at]["speaker_tag"]), str(words[heard_at].speaker)
        together[tags.index(tag), labels.index(label)] += 1
    rows, columns = linear_sum_assignment(together, maximize=True)
    return f"{100 * together[rows, columns].sum() / max(1, together.sum()):.0f}"


def measure_all(data: Path, *, has_peers: bool) -> list[Table]:
    recordings = read_recordings(data)
    timed = [recording for recording in recordings if recording.turns is not None]
    earshot = Earshot(open_models(load_settings()))
    systems = open_systems(earshot) if has_peers else {OURS: earshot}
    earshot.diarize(timed[0].pcm)  # whatever is built at first use is built now
    found = {
        name: [measure(recording, system.diarize) for recording in timed]
        for name, system in systems.items()
    }
    note = (
        "DER with overlap counted, in percent of the reference's speech, with a bootstrap 95 % "
        "interval over recordings; what was missed, invented and confused is with the collar. The "
        "library also transcribes, which is in its time. The plain loops embed each local speaker "
        "of each window, frames cut out, and join them by average linkage at a cosine distance of "
        "0.6."
    )
    stages = load_stages(load_settings())
    try:
        words = word_table(recordings, stages)
    finally:
        stages.decoder.close()
    return [
        error_table(found, "Who speaks when", note),
        hint_table(timed, earshot),
        words,
        monologue_table(data, earshot),
        speed_table(timed, earshot),
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.diarization", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with asr/ and diar/")
    parser.add_argument("--alone", action="store_true", help="without the library and the loops")
    parser.add_argument("--hour", action="store_true", help="only the time of one long recording")
    parser.add_argument("--minutes", type=float, default=60, help="of that; default: 60")
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args()
    # Before the run, which is long: the revision is that of the code that is loaded now.
    run = describe_run(["benchmarks.diarization", *sys.argv[1:]], load_average())
    if options.hour:
        pcms = [recording.pcm for recording in read_recordings(options.data)]
        section, tables = "diarization-hour", [long_table(pcms, 60 * options.minutes)]
    else:
        section, tables = "diarization", measure_all(options.data, has_peers=not options.alone)
    content = "\n".join([run, "", *(table.render() for table in tables)])
    print(content)
    if options.write:
        write_section(section, content)


if __name__ == "__main__":
    main()
