"""How surely speakers are known by their voices, and the fit of the confidence in that.

Run as `python -m benchmarks.known_voices --data ../shared/eval`. In each round every speaker of the
sets below is enrolled from one recording, and looked for in all the others: once among all who are
known, and once, as a stranger, among the rest. That is done with the recordings as they are, with
their first 3 s, over a telephone line and under noise; who is enrolled is so from recordings as
they are. The curve from cosines to confidences is fitted on the same pairs of recordings, where
those of one person and those of two count for as much. With --write the tables go into
docs/reference/benchmarks.md.
"""

import argparse
import json
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy.optimize import minimize
from scipy.signal import resample_poly

from benchmarks.recordings import Pcm16, decode_pcm, quantise_mu_law, write_wav
from benchmarks.report import Table, describe_run, load_average, write_section
from earshot.audio.waveform import SAMPLE_RATE
from earshot.diarization.diarizer import Embedding
from earshot.diarization.known_voices import (
    CONFIDENCE_MIDDLE,
    CONFIDENCE_SLOPE,
    DEFAULT_MATCH_POLICY,
    KnownVoice,
    join_embeddings,
    recognize_speakers,
    similarity,
)
from earshot.diarization.speakers import Speaker
from earshot.errors import RecordingRefused
from earshot.pipeline.enrolment import (
    DEFAULT_ENROLMENT_POLICY,
    EnrolmentPolicy,
    VoiceSample,
    hear_samples,
)
from earshot.pipeline.stages import Stages
from earshot.settings import load_settings
from earshot.wiring.models import load_stages

SETS = ("librispeech", "vctk", "ljspeech")  # where people speak in sentences
N_ROUNDS = 4
PROBE_S = 3
NOISE_DB = 10  # speech over noise
TELEPHONE_STEP = 2  # to 8 kHz
# Whatever voice speaks most, however little it says: to be recognised it need not be enrolled.
ANY_VOICE = EnrolmentPolicy(min_clean_ms=0, max_other_share=1.0)

Pair = tuple[float, bool]  # cosine of two recordings, and whether one person speaks in both


@dataclass(frozen=True, slots=True)
class Recording:
    """Who speaks in a file, and what each condition makes of the voice."""

    path: Path
    speaker: str
    samples: Mapping[str, VoiceSample]


@dataclass(frozen=True, slots=True)
class Outcome:
    """Who spoke, and who that was said to be: among all, and among all others."""

    speaker: str
    named: str | None
    named_as_stranger: str | None


def as_recorded(pcm: Pcm16) -> Pcm16:
    return pcm


def cut_short(pcm: Pcm16) -> Pcm16:
    return pcm[: PROBE_S * SAMPLE_RATE]


def over_telephone(pcm: Pcm16) -> Pcm16:
    narrow = resample_poly(pcm.astype(np.float64), 1, TELEPHONE_STEP)
    coded = quantise_mu_law(to_pcm(narrow))
    return to_pcm(resample_poly(coded.astype(np.float64), TELEPHONE_STEP, 1))


def under_noise(pcm: Pcm16) -> Pcm16:
    """With noise whose power falls with its frequency, as that of most rooms and streets."""
    spectrum = np.fft.rfft(np.random.default_rng(1).standard_normal(len(pcm)))
    spectrum /= np.sqrt(np.maximum(np.arange(len(spectrum)), 1))
    noise = np.fft.irfft(spectrum, len(pcm))
    speech = pcm.astype(np.float64)
    wanted = np.sqrt(np.mean(speech**2)) * 10 ** (-NOISE_DB / 20)
    return to_pcm(speech + noise * wanted / np.sqrt(np.mean(noise**2)))


def to_pcm(samples: npt.NDArray[np.float64]) -> Pcm16:
    pcm: Pcm16 = np.clip(np.rint(samples), -(2**15), 2**15 - 1).astype(np.int16)
    return pcm


CLEAN = "as recorded"
TELEPHONE = "telephone, 8 kHz mu-law"
CONDITIONS: Mapping[str, Callable[[Pcm16], Pcm16]] = {
    CLEAN: as_recorded,
    f"first {PROBE_S} s": cut_short,
    TELEPHONE: over_telephone,
    f"noise, {NOISE_DB} dB below": under_noise,
}
# What is heard, and what the enrolled recordings are.
TRIALS = (
    *((condition, (CLEAN,)) for condition in CONDITIONS),
    (TELEPHONE, (CLEAN, TELEPHONE)),
    (CLEAN, (CLEAN, TELEPHONE)),
)


def hear_all(data: Path, stages: Stages) -> list[Recording]:
    """Every recording of the sets that says who speaks, as each condition leaves it."""
    manifest = (data / "asr" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in manifest if line.strip()]
    found = []
    with tempfile.TemporaryDirectory(prefix="earshot-voices-") as folder:
        for row in rows:
            path = data / row["path"]
            if path.parent.name in SETS and "speaker" in row:
                samples = hear_conditions(path, stages, Path(folder))
                found.append(Recording(path, row["speaker"], samples))
    return found


def hear_conditions(path: Path, stages: Stages, folder: Path) -> dict[str, VoiceSample]:
    samples = {}
    for condition, change in CONDITIONS.items():
        changed = write_wav(folder / "changed.wav", [change(decode_pcm(path))])
        try:
            (samples[condition],) = hear_samples([changed], stages, ANY_VOICE)
        except RecordingRefused as error:
            print(f"left out: {path.name}, {condition}: {error}", file=sys.stderr)
    return samples


def choose_enrolled(recordings: Sequence[Recording], number: int) -> dict[str, Recording]:
    """For each speaker who has several, one recording that is long enough to be enrolled from."""
    chosen = {}
    for speaker in sorted({one.speaker for one in recordings}):
        own = [one for one in recordings if one.speaker == speaker]
        least_ms = DEFAULT_ENROLMENT_POLICY.min_clean_ms
        fit = [one for one in own if CLEAN in one.samples and clean_ms(one) >= least_ms]
        if len(own) > 1 and fit:
            chosen[speaker] = fit[number * len(fit) // N_ROUNDS]
    return chosen


def clean_ms(recording: Recording) -> int:
    return recording.samples[CLEAN].clean_ms


def identify(
    recordings: Sequence[Recording], condition: str, enrolled_from: Sequence[str]
) -> list[Outcome]:
    """What becomes of every recording in every round in which it is not enrolled."""
    outcomes = []
    for number in range(N_ROUNDS):
        enrolled = choose_enrolled(recordings, number)
        known = [
            KnownVoice(name, mean_embedding(one, enrolled_from)) for name, one in enrolled.items()
        ]
        for one in recordings:
            if one.speaker not in enrolled or enrolled[one.speaker] is one:
                continue
            if condition in one.samples:
                embedding = embedding_of(one, condition)
                others = [voice for voice in known if voice.name != one.speaker]
                outcomes.append(
                    Outcome(one.speaker, name_of(embedding, known), name_of(embedding, others))
                )
    return outcomes


def embedding_of(recording: Recording, condition: str) -> Embedding:
    return recording.samples[condition].embedding


def mean_embedding(recording: Recording, conditions: Sequence[str]) -> Embedding:
    """What is known of who is enrolled from the recording as each condition leaves it."""
    known = embedding_of(recording, conditions[0])
    for n_before, condition in enumerate(conditions[1:], start=1):
        known = join_embeddings(known, n_before, embedding_of(recording, condition), 1)
    return known


def name_of(embedding: Embedding, known: Sequence[KnownVoice]) -> str | None:
    found = recognize_speakers({"A": Speaker((), embedding)}, known)
    return found[0].name if found else None


def all_pairs(recordings: Sequence[Recording]) -> list[Pair]:
    """A recording that could be enrolled with every other one, in every condition."""
    least_ms = DEFAULT_ENROLMENT_POLICY.min_clean_ms
    fit = [one for one in recordings if CLEAN in one.samples and clean_ms(one) >= least_ms]
    return [
        (similarity(embedding_of(one, CLEAN), sample.embedding), one.speaker == other.speaker)
        for one in fit
        for other in recordings
        if other is not one
        for sample in other.samples.values()
    ]


def fit_confidence(pairs: Sequence[Pair]) -> tuple[float, float]:
    """Slope and middle of the logistic curve, where both kinds of pairs count for as much."""
    cosines = np.array([cosine for cosine, _ in pairs])
    is_same = np.array([same for _, same in pairs])
    weights = np.where(is_same, 0.5 / is_same.sum(), 0.5 / (~is_same).sum())
    signs = np.where(is_same, 1.0, -1.0)

    def loss(curve: npt.NDArray[np.float64]) -> float:
        return float(weights @ np.logaddexp(0, -signs * curve[0] * (cosines - curve[1])))

    slope, middle = minimize(loss, [20.0, 0.4], method="Nelder-Mead").x
    return float(slope), float(middle)


def outcome_table(recordings: Sequence[Recording]) -> Table:
    rows = []
    for condition, enrolled_from in TRIALS:
        outcomes = identify(recordings, condition, enrolled_from)
        rows.append(
            (
                condition,
                "both" if len(enrolled_from) > 1 else "as recorded",
                str(len(outcomes)),
                share([one.named is None for one in outcomes]),
                share([one.named not in (None, one.speaker) for one in outcomes]),
                share([one.named_as_stranger is not None for one in outcomes]),
            )
        )
    policy = DEFAULT_MATCH_POLICY
    return Table(
        "Known voices, each enrolled from one recording of 5 s or more",
        (
            "What is heard",
            "enrolled from",
            "trials",
            "not recognised",
            "taken for another",
            "stranger named",
        ),
        rows,
        f"{len(choose_enrolled(recordings, 0))} speakers; a name is given from a cosine of "
        f"{policy.min_similarity:g} on, if no other voice is nearer than {policy.min_margin:g} "
        "less. Both are the recording as it is, and the same over a telephone. As a stranger, who "
        "speaks is none of those who are known. All recordings of a speaker were made in one place "
        "with one microphone: across years, rooms and microphones more will be missed.",
    )


def confidence_table(pairs: Sequence[Pair]) -> Table:
    slope, middle = fit_confidence(pairs)
    cosines = np.array([cosine for cosine, _ in pairs])
    is_same = np.array([same for _, same in pairs])
    edges = [-1.0, 0.3, 0.4, 0.5, 0.6, 0.7, 1.0]
    rows = []
    for low, high in pairwise(edges):
        within = (cosines >= low) & (cosines < high)
        same, other = (float((within & kind).sum() / kind.sum()) for kind in (is_same, ~is_same))
        curve = 1 / (1 + np.exp(-CONFIDENCE_SLOPE * (cosines[within] - CONFIDENCE_MIDDLE)))
        rows.append(
            (
                f"{low:.1f} to {high:.1f}",
                f"{same * 100:.2f} %",
                f"{other * 100:.2f} %",
                f"{same / (same + other):.3f}" if same + other else "",
                f"{curve.mean():.3f}" if within.any() else "",
            )
        )
    return Table(
        "Confidence in a known voice",
        ("Cosine", "pairs of one speaker", "of two", "share of one", "confidence, mean"),
        rows,
        f"{len(pairs):,} pairs, all conditions together; in the share, pairs of one speaker and of "
        f"two count for as much. The curve that fits them now has the slope {slope:.1f} and the "
        f"middle {middle:.3f}; in use are {CONFIDENCE_SLOPE:g} and {CONFIDENCE_MIDDLE:g}.",
    )


def share(hits: Sequence[bool]) -> str:
    return f"{sum(hits)} ({sum(hits) / len(hits) * 100:.1f} %)" if hits else ""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.known_voices", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with asr/manifest.jsonl")
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args()
    load_before = load_average()
    stages = load_stages(load_settings(config=None))
    try:
        recordings = hear_all(options.data, stages)
    finally:
        stages.decoder.close()
    tables = [outcome_table(recordings), confidence_table(all_pairs(recordings))]
    content = "\n".join(table.render() for table in tables)
    print(content)
    if options.write:
        command = ["benchmarks.known_voices", *sys.argv[1:]]
        write_section("known-voices", f"{describe_run(command, load_before)}\n\n{content}")


if __name__ == "__main__":
    main()
