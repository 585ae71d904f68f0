"""How well the embedded engine tells English from other languages, and the fit of that.

Run as `python -m benchmarks.language --data ../shared/eval`. Other languages are spoken by
espeak-ng (the Debian package of that name), whose voices are fitted on, each judged by a fit
without its language; people who speak others, in `asr/multiling` and `asr/formats`, are only
judged. English recordings are fitted on in even rows of the manifest and judged in odd ones. With
--fit the model is fitted again and printed; with --write the tables go into
docs/reference/benchmarks.md.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.report import Table, describe_run, load_average, write_section
from earshot.audio.media import ChannelMode
from earshot.audio.segments import pack_segments
from earshot.audio.speech import find_speech
from earshot.audio.waveform import Waveform, samples_from_pcm16
from earshot.errors import CallerError
from earshot.pipeline.planning import ENOUGH_SAMPLES
from earshot.pipeline.stages import Stages
from earshot.recognition.language import (
    EMBEDDED_ENGLISH_MODEL,
    EnglishEvidence,
    EnglishModel,
    gather_evidence,
)
from earshot.settings import load_settings
from earshot.wiring.models import load_stages

SENTENCES = Path(__file__).with_name("language_sentences.json")
ENGLISH_VOICES = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-029")
VARIANTS = ("", "+m1", "+m3", "+m7", "+f2", "+f4", "+f5")
CLIPS_PER_LANGUAGE = 16
ENGLISH_CLIPS = 80
# A refused English recording costs the caller more than a transcript of nonsense that they asked
# for: English weighs so much more than the others together.
ENGLISH_WEIGHT = 3.0
RIDGE = 0.5
# Where each share lies, in the model's features; stutters are rare and small.
FEATURE_SCALE = np.array([1.0, 10.0])

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trial:
    """One recording: its language, where it is from, and what the engine made of it."""

    name: str
    language: str
    origin: str  # "espeak", "english" or "foreign"
    row: int
    evidence: EnglishEvidence

    @property
    def is_english(self) -> bool:
        return self.language.startswith("en")

    @property
    def is_fitted(self) -> bool:
        return self.origin == "espeak" or (self.origin == "english" and self.row % 2 == 0)


def speak_clips(folder: Path) -> list[tuple[Path, str]]:
    """Recordings of espeak-ng in every language of the sentences, the same ones every time."""
    choose = random.Random(1)
    spoken = []
    for language, sentences in json.loads(SENTENCES.read_text(encoding="utf-8")).items():
        voices = ENGLISH_VOICES if language == "en" else (language,)
        for number in range(ENGLISH_CLIPS if language == "en" else CLIPS_PER_LANGUAGE):
            text = " ".join(choose.sample(sentences, choose.choice([1, 1, 2, 2, 3])))
            voice = voices[number % len(voices)] + choose.choice(VARIANTS)
            speed, pitch = choose.choice([125, 140, 155, 180]), choose.choice([30, 40, 50, 60, 70])
            path = folder / f"{language}-{number}.wav"
            options = ["-v", voice, "-s", str(speed), "-p", str(pitch), "-w", str(path)]
            subprocess.run(["espeak-ng", *options, text], check=True)
            spoken.append((path, language))
    return spoken


def gather(path: Path, stages: Stages) -> EnglishEvidence | None:
    """The evidence in the first speech of a recording, as the pipeline takes it."""
    with stages.decoder.open(path, channels=ChannelMode.MIX, start_ms=0, end_ms=60_000) as media:
        samples = samples_from_pcm16(np.concatenate(list(media), axis=1)[0])
    probabilities = stages.detector.speech_probabilities(samples)
    speech = find_speech(probabilities, len(samples))
    heard: list[Waveform] = []
    for segment in pack_segments(speech, samples, probabilities):
        if sum(len(one.samples) for one in heard) < ENOUGH_SAMPLES:
            heard.append(Waveform(samples[segment.start_samples : segment.end_samples]))
    with stages.recognizers.lease(stages.recognizers.choose("en")) as recognizer:
        return gather_evidence(recognizer, heard) if heard else None


def hear_all(data: Path, stages: Stages) -> list[Trial]:
    """Every recording of the manifest and of espeak-ng in which words were heard."""
    manifest = (data / "asr" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in manifest if line.strip()]
    found = []
    for row, clip in enumerate(rows):
        language = str(clip["lang"])
        origin = "english" if language.startswith("en") and "+" not in language else "foreign"
        found.append((data / clip["path"], language, origin, row))
    with tempfile.TemporaryDirectory(prefix="earshot-espeak-") as folder:
        found += [(path, language, "espeak", 0) for path, language in speak_clips(Path(folder))]
        trials = []
        for path, language, origin, row in found:
            try:
                evidence = gather(path, stages)
            except CallerError as error:
                print(f"left out: {path.name}: {error}", file=sys.stderr)
                continue
            if evidence is not None:
                name = f"{path.parent.name}/{path.name}"
                trials.append(Trial(name, language, origin, row, evidence))
    return trials


def fit(trials: Sequence[Trial]) -> EnglishModel:
    """The logistic regression on these trials, by Newton's method, with a small ridge."""
    raw = np.array([EMBEDDED_ENGLISH_MODEL.features(trial.evidence) for trial in trials])
    inputs = np.column_stack([np.ones(len(raw)), raw * FEATURE_SCALE])
    english = np.array([trial.is_english for trial in trials])
    weights = np.where(english, ENGLISH_WEIGHT / english.sum(), 1 / (~english).sum())
    weights *= len(trials) / 2
    ridge = np.diag([1e-6, RIDGE, RIDGE])
    solution: Matrix = np.zeros(3)
    for _ in range(50):
        probability = 1 / (1 + np.exp(-inputs @ solution))
        gradient = inputs.T @ (weights * (probability - english)) + ridge @ solution
        spread = weights * probability * (1 - probability)
        solution = solution - np.linalg.solve((inputs.T * spread) @ inputs + ridge, gradient)
    intercept, logprob, stutter = (solution * [1.0, *FEATURE_SCALE]).tolist()
    return EnglishModel(round(intercept, 3), round(logprob, 3), round(stutter, 3))


def share_with_interval(hits: Sequence[bool]) -> tuple[str, str]:
    """So many of so many, and the bootstrap 95 % interval of their share."""
    values = np.array(hits, dtype=float)
    draws = np.random.default_rng(1).choice(values, (2000, len(values))).mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5]) * 100
    share = f"{int(values.sum())} of {len(values)} ({values.mean() * 100:.1f} %)"
    return share, f"{low:.1f} to {high:.1f} %"


def judge(trials: Sequence[Trial], model: EnglishModel) -> list[Table]:
    """What the model makes of recordings that it was not fitted on."""

    def refused(chosen: Sequence[Trial], by: EnglishModel = model) -> list[bool]:
        return [by.probability(trial.evidence) < 0.5 for trial in chosen]

    odd = [one for one in trials if one.origin == "english" and one.row % 2]
    people = [one for one in trials if one.origin == "foreign" and "multiling" in one.name]
    others = [one for one in trials if one.origin == "foreign" and "multiling" not in one.name]
    fitted = [one for one in trials if one.is_fitted]
    left_out: list[bool] = []
    for language in sorted({one.language for one in trials if one.origin == "espeak"} - {"en"}):
        kept = fit([one for one in fitted if one.language != language])
        left_out += refused([one for one in fitted if one.language == language], kept)
    rows = [
        ("English, odd rows", *share_with_interval(refused(odd))),
        ("espeak-ng, each language by a fit without it", *share_with_interval(left_out)),
        ("People of asr/multiling", *share_with_interval(refused(people))),
        ("Other and mixed languages of asr/formats", *share_with_interval(refused(others))),
    ]
    table = Table(
        "English or not, by the embedded engine alone",
        ("Recordings", "taken for another language", "95 % interval"),
        rows,
        "Of English as few as possible are right, of the rest all. The intervals are from 2,000 "
        "bootstrap draws, and say nothing where all recordings came out alike.",
    )
    wrong = [one for one, is_refused in zip(odd, refused(odd), strict=True) if is_refused]
    cells = [
        (one.name, one.language, f"{model.probability(one.evidence):.2f}")
        for one in (*wrong, *people, *others)
    ]
    title = "Probability of English: what was refused wrongly, and what people said in others"
    return [table, Table(title, ("Recording", "language", "English"), cells)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.language", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with asr/manifest.jsonl")
    parser.add_argument("--fit", action="store_true", help="fit the model again and print it")
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args()
    load_before = load_average()
    stages = load_stages(load_settings(config=None))
    try:
        trials = hear_all(options.data, stages)
    finally:
        stages.decoder.close()
    model = EMBEDDED_ENGLISH_MODEL
    if options.fit:
        model = fit([one for one in trials if one.is_fitted])
        print(model)
    content = "\n".join(table.render() for table in judge(trials, model))
    print(content)
    if options.write:
        command = ["benchmarks.language", *sys.argv[1:]]
        write_section("language", f"{describe_run(command, load_before)}\n\n{content}")


if __name__ == "__main__":
    main()
