"""How the trials are shown."""

from collections.abc import Callable, Iterable, Sequence
from statistics import median

from benchmarks.datasets import SETS_APART
from benchmarks.engines import OURS, PEER
from benchmarks.report import Table
from benchmarks.trials import Memory, Trial, Trials
from earshot.evaluation.scoring import error_rate, normalise, total_of
from earshot.recognition.repetition import find_repetition

N_WORST = 10
BYTES_PER_MB = 2**20
MADE_SETS = frozenset({"telephone"})  # the same clips again, so no part of the overall figure

Group = tuple[str, Callable[[Trial], bool]]


def accuracy_table(trials: Trials) -> Table:
    """Word errors by set and overall."""
    columns = ["Set", "clips", "words"]
    for name in trials:
        columns += [f"{name}: WER % (95 %)", "sub / del / ins"]
    rows = []
    for group in _groups(trials[OURS]):
        chosen = {name: [t for t in heard if group[1](t)] for name, heard in trials.items()}
        if chosen[OURS]:
            rows.append((group[0], *_accuracy_cells(chosen)))
    return Table(
        "Word error rate",
        tuple(columns),
        rows,
        "WER in percent of the reference's words, with the bootstrap 95 % interval over clips, "
        "after whisper's English normalisation. `ami` (meetings with overlapping speech) and "
        "`stereo` by concatenated minimum-permutation; `telephone` is `librispeech` through 8 kHz "
        "mu-law. Overall leaves out `telephone` and the sets below it.",
    )


def _groups(trials: Sequence[Trial]) -> Iterable[Group]:
    """Rows of the tables, as a name and what belongs to it."""
    names = list(dict.fromkeys(trial.clip.set_name for trial in trials))
    for name in names:
        if name not in SETS_APART | MADE_SETS:
            yield name, _in_set(name)
    yield "**Overall, without ami**", _is_one_voice
    yield "the same, odd rows", lambda t: _is_one_voice(t) and t.clip.row % 2 == 1
    yield "Overall, with ami", _is_counted
    for name in sorted(names, key=lambda name: name in SETS_APART):
        if name in SETS_APART | MADE_SETS:
            yield name, _in_set(name)


def _in_set(name: str) -> Callable[[Trial], bool]:
    return lambda trial: trial.clip.set_name == name


def _is_counted(trial: Trial) -> bool:
    return trial.clip.set_name not in SETS_APART | MADE_SETS


def _is_one_voice(trial: Trial) -> bool:
    """Whether it is one voice at a time, which is what word error rate is made for."""
    return _is_counted(trial) and trial.clip.set_name != "ami"


def _accuracy_cells(trials: Trials) -> list[str]:
    cells = [str(len(trials[OURS])), str(total_of(t.counts for t in trials[OURS]).n_words)]
    for heard in trials.values():
        counts = [trial.counts for trial in heard]
        rate, total = error_rate(counts), total_of(counts)
        cells += [
            f"{rate.percent:.1f} ({rate.low_percent:.1f} to {rate.high_percent:.1f})",
            f"{total.substitutions} / {total.deletions} / {total.insertions}",
        ]
    return cells


def speed_table(trials: Trials) -> Table:
    """Realtime factor by set, from file to words, one file at a time."""
    rows = []
    for name, belongs in _groups(trials[OURS]):
        chosen = {engine: [t for t in heard if belongs(t)] for engine, heard in trials.items()}
        if chosen[OURS]:
            audio_s = sum(trial.clip.duration_s for trial in chosen[OURS])
            taken_s = {n: sum(t.heard.elapsed_s for t in heard) for n, heard in chosen.items()}
            rows.append((name, f"{audio_s:.0f}", *_speed_cells(audio_s, taken_s)))
    return Table(
        "Speed on short files",
        ("Set", "audio s", *_speed_columns(trials)),
        rows,
        "Seconds of audio transcribed per second, from file to words, one file after the other.",
    )


def joined_table(trials: Trials) -> Table:
    """Speed on one long recording: medians of the runs."""
    clip = trials[OURS][0].clip
    taken_s = {name: median(t.heard.elapsed_s for t in heard) for name, heard in trials.items()}
    rates = [f"{error_rate([heard[0].counts]).percent:.1f}" for heard in trials.values()]
    return Table(
        f"Speed on {clip.duration_s / 60:.0f} min of speech",
        ("Recording", *_speed_columns(trials), *(f"{name}: WER %" for name in trials)),
        [("joined", *_speed_cells(clip.duration_s, taken_s), *rates)],
        f"Read speech with pauses of half a second; median of {len(trials[OURS])} runs in turns.",
    )


def _speed_columns(trials: Trials) -> list[str]:
    columns = [f"{name}: x realtime" for name in trials]
    return [*columns, "ratio"] if PEER in trials else columns


def _speed_cells(audio_s: float, taken_s: dict[str, float]) -> list[str]:
    cells = [f"{audio_s / engine_s:.1f}" for engine_s in taken_s.values()]
    return [*cells, f"{taken_s[PEER] / taken_s[OURS]:.2f}"] if PEER in taken_s else cells


def sounds_table(texts: dict[str, dict[str, str]]) -> Table:
    """How many words each engine hears where nobody speaks."""
    names = list(next(iter(texts.values())))
    rows = [
        (sound, *(str(len(heard[name].split())) for name in names))
        for sound, heard in texts.items()
    ]
    return Table(
        "Words heard where nobody speaks",
        ("Sound, 20 s", *(f"{name}: words" for name in names)),
        rows,
    )


def memory_table(memory: dict[str, Memory]) -> Table:
    """Peak memory of each engine on the long recording, in a process of its own."""
    rows = [
        (
            name,
            f"{used.process_bytes / BYTES_PER_MB:.0f}",
            f"{used.tree_bytes / BYTES_PER_MB:.0f}",
            f"{used.load_s:.1f}",
        )
        for name, used in memory.items()
    ]
    return Table(
        "Memory on the same long recording",
        ("Engine", "peak MB", "with decoders, peak MB", "load s"),
        rows,
        "Peak resident memory of a fresh process, alone and with its decoding processes. The "
        "library's includes the Python lists that it takes and returns samples in.",
    )


def worst_table(trials: Sequence[Trial]) -> Table:
    """The clips with most errors and of which kind they are; not their words, which are others'."""
    return Table(
        f"{OURS}: the {N_WORST} clips with most errors",
        ("Clip", "words", "errors", "sub / del / ins", "what went wrong"),
        [_worst_cells(trial) for trial in _worst(trials)],
        "By how many errors each has, so that long clips come first. What was said and what was "
        "heard is printed by the run.",
    )


def _worst(trials: Sequence[Trial]) -> list[Trial]:
    return sorted(trials, key=lambda t: t.counts.n_errors, reverse=True)[:N_WORST]


def _worst_cells(trial: Trial) -> tuple[str, ...]:
    counts = trial.counts
    kinds = f"{counts.substitutions} / {counts.deletions} / {counts.insertions}"
    numbers = (str(counts.n_words), str(counts.n_errors), kinds)
    return (f"`{trial.clip.name}`", *numbers, kind_of_errors(trial))


def kind_of_errors(trial: Trial) -> str:
    """In a few words, of which kind most of the errors are."""
    counts = trial.counts
    if trial.heard.refusal:
        return "refused"
    if not trial.heard.text.strip():
        return "nothing heard"
    if not counts.n_errors:
        return "nothing"
    words = normalise(trial.heard.text).split()
    number_of_word = {word: number for number, word in enumerate(words)}
    if find_repetition([number_of_word[word] for word in words]) is not None:
        return "said again and again"
    most = max(counts.deletions, counts.insertions, counts.substitutions)
    if 2 * most <= counts.n_errors:
        kind = "of every kind"
    elif most == counts.deletions:
        kind = "words left out"
    elif most == counts.insertions:
        kind = "words added"
    else:
        kind = "other words heard"
    return f"{kind}; people talk at once" if trial.clip.speaker_references else kind


def render_worst(trials: Sequence[Trial]) -> str:
    """The clips with most errors, reference above hypothesis, and whatever was refused."""
    worst = _worst(trials)
    refused = [trial for trial in trials if trial.heard.refusal]
    lines = [f"### {OURS}: the {N_WORST} clips with most errors"]
    lines += [_render_trial(trial) for trial in worst]
    lines += [f"\nRefused: {trial.clip.name}: {trial.heard.refusal}" for trial in refused]
    return "\n".join(lines)


def _render_trial(trial: Trial) -> str:
    counts = trial.counts
    return (
        f"\n{trial.clip.name}: {counts.n_errors} errors in {counts.n_words} words "
        f"({counts.substitutions} sub, {counts.deletions} del, {counts.insertions} ins)\n"
        f"  ref: {normalise(trial.clip.reference)}\n"
        f"  hyp: {normalise(trial.heard.text)}"
    )
