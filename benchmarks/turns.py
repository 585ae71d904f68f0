"""When live turns end: the model of the end of a turn, fitted and judged, against silence alone.

Run as `python -m benchmarks.turns --data ../shared/eval`. Every clip is heard live to its end and
two seconds more. A pause behind the last word should end the turn, one before it should not. The
coefficients of `streaming.turns` are fitted on even rows and judged on odd ones, with
--fit those just fitted. They are judged on conversations, too: there a pause should end the turn if
somebody else speaks next. With --write the tables go into docs/reference/benchmarks.md.
"""

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from typing_extensions import override

from benchmarks.datasets import SETS_APART, Clip, read_english_clips
from benchmarks.recordings import decode_pcm
from benchmarks.report import Table, describe_run, load_average, write_section
from benchmarks.streaming import Laboratory
from benchmarks.timing import speech_limits
from earshot.audio.speech import FRAME_SAMPLES
from earshot.audio.waveform import SAMPLE_RATE, Samples, samples_from_pcm16
from earshot.pipeline.offline import transcribe_file
from earshot.streaming.events import Event, HearingWanted
from earshot.streaming.hearing_policy import HearingPolicy
from earshot.streaming.options import LiveOptions, TurnPolicy
from earshot.streaming.session import LiveSession
from earshot.streaming.turns import DEFAULT_TURN_MODEL, Pause, TurnModel, logit
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.punctuation import SENTENCE_MARKS
from earshot.transcript.times import samples_to_ms

# Single words, and meetings, in which nobody waits for a turn to end.
LEFT_OUT = SETS_APART | {"ami", "stereo", "noise"}
SPEECH_RANGE_DB = 35.0
SILENCE_AFTER_S = 2
ROOM_LEVEL = 1e-4  # a silence that is not digital
# How far before its loud end the detector may hear the last word end.
EARLY_MS = 350
NEVER = TurnPolicy(confidence_threshold=1.0, min_silence_ms=320, max_silence_ms=60_000)
THRESHOLDS = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
SILENCES_MS = (400, 560, 720, 880, 1040, 1280)
SHORTEST_MS, LONGEST_MS = TurnPolicy().min_silence_ms, TurnPolicy().max_silence_ms
KINDS = ("inside", "sentence", "end")
RIDGE = 0.05
# Cutting somebody off is worse than waiting: so much more an end inside a sentence counts.
FALSE_END_WEIGHT = 3.0


@dataclass(frozen=True, slots=True)
class _Recorder(TurnModel):
    """Notes every pause that it is asked about, and is sure of nothing."""

    pauses: list[Pause] = field(default_factory=list)

    @override
    def confidence(self, pause: Pause) -> float:
        self.pauses.append(pause)
        return 0.0


@dataclass(frozen=True, slots=True)
class Place:
    """A silence of a recording: what was known of it frame by frame, and what it was.

    `kind` is "end" where the speaker is done, else "sentence" or "inside" one.
    """

    row: int
    kind: str
    pauses: tuple[Pause, ...]


def hear_pauses(samples: Samples, laboratory: Laboratory) -> dict[int, list[Pause]]:
    """The pauses, growing frame by frame, by where their silence begins in ms."""
    recorder = _Recorder()
    policy = HearingPolicy(turn_model=recorder)
    session = LiveSession(LiveOptions(NEVER), laboratory.detector, policy)
    by_start: dict[int, list[Pause]] = {}

    def take(events: Sequence[Event]) -> None:
        for event in events:
            if isinstance(event, HearingWanted):
                answer = laboratory.hear(event)
                take(session.heard(event.request_id, answer.recognition))

    for first in range(0, len(samples) - FRAME_SAMPLES, FRAME_SAMPLES):
        take(session.add_audio(samples[first : first + FRAME_SAMPLES]))
        now_ms = samples_to_ms(first + FRAME_SAMPLES, SAMPLE_RATE)
        for pause in recorder.pauses:
            known = by_start.setdefault(now_ms - pause.silence_ms, [])
            if pause.silence_ms >= SHORTEST_MS and (not known or known[-1] != pause):
                known.append(pause)
        recorder.pauses.clear()
    return by_start


def find_places(clip: Clip, laboratory: Laboratory) -> Iterator[Place]:
    """Every silence of the clip that could end a turn, told by the transcript of the whole clip."""
    pcm = decode_pcm(clip.path)
    _, end = speech_limits(pcm, SPEECH_RANGE_DB)
    room = np.random.default_rng(clip.row).standard_normal(SILENCE_AFTER_S * SAMPLE_RATE)
    quiet = (ROOM_LEVEL * room).astype(np.float32)
    by_start = hear_pauses(np.concatenate([samples_from_pcm16(pcm[:end]), quiet]), laboratory)
    whole = transcribe_file(clip.path, TranscriptOptions(), laboratory.stages).words
    end_ms = samples_to_ms(end, SAMPLE_RATE)
    for start_ms, pauses in by_start.items():
        before = [word.text for word in whole if word.start_ms < start_ms]
        kind = "end"
        if start_ms < end_ms - EARLY_MS:
            kind = "sentence" if before and before[-1].endswith(SENTENCE_MARKS) else "inside"
        if pauses:
            yield Place(clip.row, kind, tuple(pauses))


@dataclass(frozen=True, slots=True)
class Utterance:
    """Somebody speaks without a long pause, by the reference."""

    speaker: str
    start_ms: int
    end_ms: int


def read_utterances(data: Path) -> dict[Path, list[Utterance]]:
    """Those of every conversation whose reference has them, by its file."""
    lines = (data / "diar" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    found = {}
    for row in map(json.loads, lines):
        if row["rttm"] is None:  # words alone
            continue
        told = json.loads((data / row["segments_path"]).read_text(encoding="utf-8"))
        found[data / row["path"]] = [
            Utterance(one["speaker"], round(1000 * one["start"]), round(1000 * one["end"]))
            for one in (told["segments"] if isinstance(told, dict) else told)
        ]
    return found


def kind_in_conversation(start_ms: int, utterances: Sequence[Utterance]) -> str | None:
    """What the silence from there is: by who spoke last before it, and who speaks next.

    None where nobody spoke before, or the recording ends before somebody speaks again.
    """
    begun = [one for one in utterances if one.start_ms < start_ms]
    if not begun:
        return None
    last = max(begun, key=lambda one: one.end_ms)
    if last.end_ms > start_ms + EARLY_MS:
        return "inside"
    later = [one for one in utterances if one.start_ms >= start_ms]
    if not later:
        return None
    following = min(later, key=lambda one: one.start_ms)
    return "sentence" if following.speaker == last.speaker else "end"


def find_places_in_conversation(
    row: int, path: Path, utterances: Sequence[Utterance], laboratory: Laboratory
) -> Iterator[Place]:
    """Every silence of the conversation that could end a turn, told by its reference."""
    for start_ms, pauses in hear_pauses(samples_from_pcm16(decode_pcm(path)), laboratory).items():
        kind = kind_in_conversation(start_ms, utterances)
        if kind is not None and pauses:
            yield Place(row, kind, tuple(pauses))


def fit_model(places: Sequence[Place]) -> TurnModel:
    """The likeliest coefficients, a little drawn to zero; every tenth of a second counts once."""
    rows = [
        (features(pause), place.kind == "end")
        for place in places
        if place.kind != "sentence"
        for pause in place.pauses[::3]
        if pause.silence_ms <= LONGEST_MS
    ]
    inputs = np.array([row for row, _ in rows])
    is_end = np.array([end for _, end in rows], dtype=np.float64)
    counts = np.where(is_end == 1, 1.0, FALSE_END_WEIGHT)
    weights = np.zeros(inputs.shape[1])
    for _ in range(50):
        probabilities = 1 / (1 + np.exp(-inputs @ weights))
        slope = inputs.T @ (counts * (is_end - probabilities)) - RIDGE * weights
        spread = counts * probabilities * (1 - probabilities)
        curvature = (inputs * spread[:, None]).T @ inputs
        weights += np.linalg.solve(curvature + RIDGE * np.eye(len(weights)), slope)
    return TurnModel(*(round(float(weight), 2) for weight in weights))


def features(pause: Pause) -> list[float]:
    """What the model weighs, in the order of its fields."""
    closing = pause.closing
    return [
        pause.silence_ms / 1000,
        logit(closing.ends_sentence),
        logit(closing.ends_phrase),
        float(pause.is_continuing),
        1.0,
    ]


def end_ms(place: Place, is_over: Callable[[Pause], bool]) -> int | None:
    """After how much silence the turn ends there; None where speech went on before."""
    for pause in place.pauses:
        if is_over(pause):
            return pause.silence_ms
    return None


def turn_table(places: Sequence[Place], model: TurnModel) -> Table:
    n = _count_by_kind(places)
    note = (
        f"Odd rows: {n['inside']} pauses of at least {SHORTEST_MS} ms inside a sentence, where an "
        f"end is false, {n['sentence']} between two sentences of one speaker, and {n['end']} ends "
        "of clips, with the silence after which the turn ended. An end is missed where only the "
        f"longest silence, {LONGEST_MS} ms, ends it."
    )
    return _table("Ends of live turns", places, model, note)


def conversation_table(places: Sequence[Place], model: TurnModel) -> Table:
    n = _count_by_kind(places)
    note = (
        "Meetings, which the model was not fitted on, and read sentences joined to conversations, "
        f"of which it was fitted on half: {n['inside']} pauses of at least {SHORTEST_MS} ms inside "
        f"an utterance of the reference, {n['sentence']} between two of one speaker, and "
        f"{n['end']} behind which somebody else speaks, with the silence after which the turn "
        "ended. It is missed where the other began before, or only the longest silence ends it."
    )
    return _table("Ends of live turns in conversations", places, model, note)


def _count_by_kind(places: Sequence[Place]) -> dict[str, int]:
    return {kind: sum(place.kind == kind for place in places) for kind in KINDS}


def _table(title: str, places: Sequence[Place], model: TurnModel, note: str) -> Table:
    rules: list[tuple[str, Callable[[Pause], bool]]] = [
        (f"confidence > {threshold}", _by_model(model, threshold)) for threshold in THRESHOLDS
    ]
    rules += [(f"silence alone, {ms} ms", _by_silence(ms)) for ms in SILENCES_MS]
    by_kind = {kind: [place for place in places if place.kind == kind] for kind in KINDS}
    return Table(
        title,
        ("Rule", "false inside %", "between sentences %", "median ms", "p90 ms", "missed %"),
        [(name, *_cells(by_kind, is_over)) for name, is_over in rules],
        note,
    )


def _by_model(model: TurnModel, threshold: float) -> Callable[[Pause], bool]:
    return lambda pause: pause.silence_ms >= LONGEST_MS or model.confidence(pause) > threshold


def _by_silence(silence_ms: int) -> Callable[[Pause], bool]:
    return lambda pause: pause.silence_ms >= silence_ms


def _cells(
    places: Mapping[str, Sequence[Place]], is_over: Callable[[Pause], bool]
) -> tuple[str, ...]:
    ended = {kind: [end_ms(p, is_over) for p in found] for kind, found in places.items()}
    rates = {
        kind: 100 * sum(ms is not None for ms in found) / max(1, len(found))
        for kind, found in ended.items()
    }
    waits_ms = [LONGEST_MS if ms is None else ms for ms in ended["end"]]
    missed = 100 * sum(ms >= LONGEST_MS for ms in waits_ms) / max(1, len(waits_ms))
    return (
        f"{rates['inside']:.0f}",
        f"{rates['sentence']:.0f}",
        f"{np.median(waits_ms):.0f}",
        f"{np.percentile(waits_ms, 90):.0f}",
        f"{missed:.0f}",
    )


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.turns", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with asr/manifest.jsonl")
    parser.add_argument("--fit", action="store_true", help="judge the model just fitted")
    parser.add_argument("--write", action="store_true", help="put the table into the docs")
    options = parser.parse_args()
    load_before = load_average()
    laboratory = Laboratory()
    clips = [c for c in read_english_clips(options.data) if c.set_name not in LEFT_OUT]
    try:
        places = [place for clip in clips for place in find_places(clip, laboratory)]
        in_conversations = [
            place
            for row, (path, utterances) in enumerate(read_utterances(options.data).items())
            for place in find_places_in_conversation(row, path, utterances, laboratory)
        ]
    finally:
        laboratory.stages.decoder.close()
    fitted = fit_model([place for place in places if place.row % 2 == 0])
    print(fitted)
    model = fitted if options.fit else DEFAULT_TURN_MODEL
    table = turn_table([place for place in places if place.row % 2], model)
    run = describe_run(["benchmarks.turns", *sys.argv[1:]], load_before)
    content = "\n\n".join(
        [run, table.render(), conversation_table(in_conversations, model).render()]
    )
    print(content)
    if options.write:
        write_section("turns", content)


if __name__ == "__main__":
    main()
