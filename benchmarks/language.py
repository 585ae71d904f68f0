"""How well the embedded engine tells English from other languages, and the fit of that.

Run as `python -m benchmarks.language --data ../shared/eval --voices /tmp/voices`. Fitted on are
people in Debian's packages of prompts and games (`benchmarks/debian_voices.py`), the voices of
espeak-ng (the Debian package of that name), and English recordings in even rows of the manifest.
Judged are English recordings in odd rows, and people in `asr/multiling` and `asr/formats`; of what
is fitted on, each language and each package by a fit without it. With --fit the model is fitted
again and kept in src/earshot/recognition/english_model.json; with --write the tables go into
docs/reference/benchmarks.md.
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.debian_voices import PACKAGES, fetch_voices, find_voices, record_voices
from benchmarks.report import Table, describe_run, load_average, write_section
from earshot.audio.media import ChannelMode
from earshot.audio.segments import pack_segments
from earshot.audio.speech import find_speech
from earshot.audio.waveform import Waveform, samples_from_pcm16
from earshot.errors import CallerError
from earshot.pipeline.planning import ENOUGH_SAMPLES
from earshot.pipeline.stages import Stages
from earshot.recognition import language as recognition_language
from earshot.recognition.language import (
    EnglishEvidence,
    EnglishModel,
    gather_evidence,
    load_model_of_sounds,
)
from earshot.settings import load_settings
from earshot.wiring.models import load_stages

SENTENCES = Path(__file__).with_name("language_sentences.json")
MODEL = Path(recognition_language.__file__).with_name("english_model.json")
ENGLISH_VOICES = ("en-us", "en-gb", "en-gb-scotland", "en-gb-x-rp", "en-029")
VARIANTS = ("", "+m1", "+m3", "+m7", "+f2", "+f4", "+f5")
CLIPS_PER_LANGUAGE = 16
ENGLISH_CLIPS = 80
# English weighs twice as much as all the other languages together: with more, a little less of it
# is refused, and more of them are taken for it.
ENGLISH_WEIGHT = 2.0
RIDGE = 1.0
# Of the hundreds of features of a sound, what differs most between recordings.
N_SOUNDS = 30
LOGPROB_SCALE = 3.0  # brings it to the size of the others, which the ridge treats alike

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Trial:
    """One recording: its language, where it is from, and what the engine made of it."""

    name: str
    language: str
    origin: str  # "espeak", a package of Debian's, or of the manifest "english" or "foreign"
    row: int
    evidence: EnglishEvidence

    @property
    def is_english(self) -> bool:
        return self.language.startswith("en")

    @property
    def is_fitted(self) -> bool:
        return self.origin in ("espeak", *PACKAGES) or (
            self.origin == "english" and self.row % 2 == 0
        )


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


def hear_all(data: Path, voices: Path, stages: Stages) -> list[Trial]:
    """Every recording of the manifest, of espeak-ng and of Debian's with words in it."""
    manifest = (data / "asr" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    rows = [json.loads(line) for line in manifest if line.strip()]
    found = []
    for row, clip in enumerate(rows):
        language = str(clip["lang"])
        origin = "english" if language.startswith("en") and "+" not in language else "foreign"
        found.append((data / clip["path"], language, origin, row))
    with tempfile.TemporaryDirectory(prefix="earshot-voices-") as folder:
        found += [(path, language, "espeak", 0) for path, language in speak_clips(Path(folder))]
        recorded = record_voices(find_voices(voices), Path(folder))
        found += [(path, voice.language, voice.package, 0) for path, voice in recorded]
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


@dataclass(frozen=True, slots=True)
class Fit:
    """A model, and what English of espeak-ng sounds like, which is unlike any person's."""

    model: EnglishModel
    usual_espeak: Matrix

    def probability(self, trial: Trial) -> float:
        """Of English; the voices of espeak-ng are compared to their own English."""
        model = self.model
        if trial.origin == "espeak" and model.sound is not None:
            model = replace(model, sound=(self.usual_espeak, model.sound[1]))
        return model.probability(trial.evidence)


def fit(trials: Sequence[Trial]) -> Fit:
    """The logistic regression on these trials, on the likeliest words and on principal sounds."""
    english = np.array([trial.is_english for trial in trials])
    spoken = np.array([trial.origin == "espeak" for trial in trials])
    sounds = np.stack([sound_of(trial) for trial in trials])
    usual = {is_spoken: sounds[english & (spoken == is_spoken)].mean(0) for is_spoken in (0, 1)}
    centred = sounds - np.where(spoken[:, None], usual[1], usual[0])
    scale = centred.std(axis=0)
    directions = np.linalg.svd(centred / scale, full_matrices=False)[2][:N_SOUNDS].T
    projection = directions / scale[:, None]  # (n_features, N_SOUNDS)
    projection /= (centred @ projection).std(axis=0)
    blank = EnglishModel(0.0, 0.0)
    surprise = [trial.evidence.mean_logprob - blank.usual_logprob for trial in trials]
    trust = np.array([blank.trust(trial.evidence) for trial in trials])
    inputs = np.column_stack([np.array(surprise) * LOGPROB_SCALE, centred @ projection])
    weights = np.where(english, ENGLISH_WEIGHT / english.sum(), 1 / (~english).sum())
    solution = regress(inputs * trust[:, None], english, weights * len(trials) / 2)
    intercept, logprob_weight = float(solution[0]), float(solution[1]) * LOGPROB_SCALE
    model = EnglishModel(intercept, logprob_weight, (usual[0], projection @ solution[2:]))
    return Fit(model, usual[1])


def sound_of(trial: Trial) -> Matrix:
    assert trial.evidence.sound is not None
    return trial.evidence.sound


def regress(inputs: Matrix, is_hit: npt.NDArray[np.bool_], weights: Matrix) -> Matrix:
    """Intercept and weights of a logistic regression with a ridge, by Newton's method."""
    inputs = np.column_stack([np.ones(len(inputs)), inputs])
    ridge = np.diag([1e-6, *[RIDGE] * (inputs.shape[1] - 1)])
    solution: Matrix = np.zeros(inputs.shape[1])
    for _ in range(50):
        probability = 1 / (1 + np.exp(-inputs @ solution))
        gradient = inputs.T @ (weights * (probability - is_hit)) + ridge @ solution
        spread = weights * probability * (1 - probability)
        solution = solution - np.linalg.solve((inputs.T * spread) @ inputs + ridge, gradient)
    return solution


def save_model(model: EnglishModel) -> None:
    """Put the model where the engine looks for it."""
    assert model.sound is not None
    usual, weights = ([float(f"{value:.4g}") for value in values] for values in model.sound)
    stored = {
        "made_by": "python -m benchmarks.language --fit",
        "intercept": round(model.intercept, 4),
        "logprob_weight": round(model.logprob_weight, 4),
        "usual_sound": usual,
        "sound_weights": weights,
    }
    MODEL.write_text(json.dumps(stored) + "\n", encoding="utf-8")


def share_with_interval(hits: Sequence[bool]) -> tuple[str, str]:
    """So many of so many, and the bootstrap 95 % interval of their share."""
    values = np.array(hits, dtype=float)
    draws = np.random.default_rng(1).choice(values, (2000, len(values))).mean(axis=1)
    low, high = np.percentile(draws, [2.5, 97.5]) * 100
    share = f"{int(values.sum())} of {len(values)} ({values.mean() * 100:.1f} %)"
    return share, f"{low:.1f} to {high:.1f} %"


def judge(trials: Sequence[Trial], model: EnglishModel) -> list[Table]:
    """What the model makes of people it has not heard, and fits of what they do not know."""

    def refused(chosen: Sequence[Trial]) -> list[bool]:
        return [model.probability(trial.evidence) < 0.5 for trial in chosen]

    fitted = [one for one in trials if one.is_fitted]
    odd = [one for one in trials if one.origin == "english" and one.row % 2]
    people = [one for one in trials if one.origin == "foreign" and "multiling/" in one.name]
    others = [one for one in trials if one.origin == "foreign" and "multiling/" not in one.name]
    spoken: list[bool] = []
    recorded: list[bool] = []
    for code in sorted({one.language for one in fitted if not one.is_english}):
        kept = fit([one for one in fitted if one.language != code])
        for one in fitted:
            if one.language == code:
                judged = spoken if one.origin == "espeak" else recorded
                judged.append(kept.probability(one) < 0.5)
    english: list[bool] = []
    recorded_english = [one for one in fitted if one.is_english and one.origin in PACKAGES]
    for package in sorted({one.origin for one in recorded_english}):
        kept = fit([one for one in fitted if one.origin != package])
        english += [
            kept.probability(one) < 0.5 for one in recorded_english if one.origin == package
        ]
    rows = [
        ("English, odd rows", *share_with_interval(refused(odd))),
        ("English of Debian's, each package by a fit without it", *share_with_interval(english)),
        ("People of asr/multiling", *share_with_interval(refused(people))),
        ("Other and mixed languages of asr/formats", *share_with_interval(refused(others))),
        ("Other languages of Debian's, each by a fit without it", *share_with_interval(recorded)),
        ("espeak-ng, each language by a fit without it", *share_with_interval(spoken)),
    ]
    table = Table(
        "English or not, by the embedded engine alone",
        ("Recordings", "taken for another language", "95 % interval"),
        rows,
        "Of English as few as possible are right, of the rest all. The intervals are from 2,000 "
        "bootstrap draws, and say nothing where all recordings came out alike; Debian's clips of "
        "one voice share words, so there they are too narrow.",
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
    parser.add_argument(
        "--voices",
        type=Path,
        required=True,
        help="where Debian's packages with voices are; those missing are fetched, 540 MB in all",
    )
    parser.add_argument("--fit", action="store_true", help="fit the model again and keep it")
    parser.add_argument("--write", action="store_true", help="put the tables into the docs")
    options = parser.parse_args()
    load_before = load_average()
    fetch_voices(options.voices)
    stages = load_stages(load_settings(config=None))
    try:
        trials = hear_all(options.data, options.voices, stages)
    finally:
        stages.decoder.close()
    if options.fit:
        save_model(fit([one for one in trials if one.is_fitted]).model)
    content = "\n".join(table.render() for table in judge(trials, load_model_of_sounds()))
    print(content)
    if options.write:
        command = ["benchmarks.language", *sys.argv[1:]]
        write_section("language", f"{describe_run(command, load_before)}\n\n{content}")


if __name__ == "__main__":
    main()
