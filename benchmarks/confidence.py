"""Whether confidence can be taken at its word: words of 0.8 are right four times in five.

Run as `python -m benchmarks.confidence --data ../shared/eval`. With --write the table and the plot
go into docs/reference/. --fit prints the coefficients for `earshot.recognition.confidence`, fitted
on even rows; odd rows only ever judge.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import permutations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.datasets import Clip, read_english_clips
from benchmarks.matching import match_words
from benchmarks.recordings import decode_pcm
from benchmarks.report import PAGE, Table, describe_run, load_average, write_section
from earshot.audio.segments import pack_segments
from earshot.audio.speech import SpeechDetector, find_speech
from earshot.audio.waveform import Waveform, samples_from_pcm16
from earshot.recognition.confidence import MOONSHINE_TINY_EN, Calibration, log_odds
from earshot.recognition.engines.moonshine import MoonshineRecognizer
from earshot.recognition.recognizer import NO_HINTS, Effort, Hints, Recognition
from earshot.recognition.transcribe import transcribe_segments
from earshot.settings import load_settings
from earshot.wiring.installed import open_models
from earshot.wiring.models import load_detector

N_BINS = 12
N_FITTING_STEPS = 50
PLOT = PAGE.with_name("confidence.svg")
# Leaves a word with the mean probability of its tokens.
PLAIN = Calibration(intercept=0.0, word_weight=1.0, segment_weight=0.0)

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the engine says of a word, and of the segment it was heard in."""

    word_probability: float
    segment_logprob: float


@dataclass
class EvidenceRecorder:
    """A recognizer whose words carry, as confidence, the number of their evidence."""

    recognizer: MoonshineRecognizer
    name: str = "recorder"
    languages: frozenset[str] = frozenset({"en"})
    evidence: list[Evidence] = field(default_factory=list)

    def recognize(self, segments: Sequence[Waveform], hints: Hints = NO_HINTS) -> list[Recognition]:
        found = []
        for recognition in self.recognizer.recognize(segments, hints):
            words = []
            for word in recognition.words:
                words.append(replace(word, confidence=float(len(self.evidence))))
                self.evidence.append(Evidence(word.confidence, recognition.mean_logprob))
            found.append(replace(recognition, words=tuple(words)))
        return found


@dataclass(frozen=True, slots=True)
class Judged:
    """A word that was heard: the evidence for it, and whether it was said."""

    row: int
    evidence: Evidence
    is_right: bool

    @property
    def plain(self) -> float:
        """The mean probability of its tokens."""
        return self.evidence.word_probability

    @property
    def calibrated(self) -> float:
        return MOONSHINE_TINY_EN.probability(
            self.evidence.word_probability, self.evidence.segment_logprob
        )


def judge_clip(clip: Clip, recorder: EvidenceRecorder, detector: SpeechDetector) -> list[Judged]:
    """Every word heard in the clip."""
    samples = samples_from_pcm16(decode_pcm(clip.path))
    probabilities = detector.speech_probabilities(samples)
    segments = pack_segments(find_speech(probabilities, len(samples)), samples, probabilities)
    hints = Hints(effort=Effort.MORE)  # as in every recording of their length
    heard = transcribe_segments(recorder, samples, probabilities, segments, hints)
    texts = [word.text for word in heard]
    orders = permutations(clip.speaker_references or (clip.reference,))
    pairs = max((match_words(" ".join(order).split(), texts) for order in orders), key=len)
    right = {index for _, index in pairs}
    return [
        Judged(clip.row, recorder.evidence[int(word.confidence)], index in right)
        for index, word in enumerate(heard)
    ]


def judge_clips(data: Path) -> list[Judged]:
    store = open_models(load_settings())
    recorder = EvidenceRecorder(MoonshineRecognizer(store, PLAIN))
    detector = load_detector(store)
    clips = read_english_clips(data)
    return [word for clip in clips for word in judge_clip(clip, recorder, detector)]


def fit(words: Sequence[Judged]) -> Floats:
    """Intercept and the weights of both kinds of evidence, by Newton's method.

    A word with two pseudo-observations, one right and one wrong, keeps the fit finite.
    """
    features = np.array(
        [[1.0, log_odds(w.evidence.word_probability), w.evidence.segment_logprob] for w in words]
        + [[1.0, 0.0, 0.0]] * 2
    )
    is_right = np.array([float(w.is_right) for w in words] + [1.0, 0.0])
    weights: Floats = np.zeros(features.shape[1])
    for _ in range(N_FITTING_STEPS):
        p = 1 / (1 + np.exp(-features @ weights))
        curvature = (features * (p * (1 - p))[:, None]).T @ features + 1e-6 * np.eye(len(weights))
        weights = weights + np.linalg.solve(curvature, features.T @ (is_right - p))
    return weights


def reliability(confidences: Floats, is_right: Floats) -> list[tuple[int, float, float]]:
    """Words, mean confidence and share of right ones in each of N_BINS bins of as many words."""
    order = np.argsort(confidences, kind="stable")
    return [
        (len(places), float(confidences[places].mean()), float(is_right[places].mean()))
        for places in np.array_split(order, min(N_BINS, len(order)))
    ]


def calibration_error(bins: Sequence[tuple[int, float, float]]) -> float:
    """The mean distance of confidence and truth, over words."""
    n_words = sum(n for n, _, _ in bins)
    return sum(n * abs(confidence - right) for n, confidence, right in bins) / n_words


def _bins(words: Sequence[Judged], remainder: int) -> dict[str, list[tuple[int, float, float]]]:
    half = [word for word in words if word.row % 2 == remainder]
    is_right = np.array([float(word.is_right) for word in half])
    return {
        "tokens' mean probability": reliability(np.array([w.plain for w in half]), is_right),
        "calibrated": reliability(np.array([w.calibrated for w in half]), is_right),
    }


def make_tables(words: Sequence[Judged]) -> list[Table]:
    halves = {"even rows (fitted)": _bins(words, 0), "odd rows": _bins(words, 1)}
    rows = [
        (f"{half}: {name}", str(sum(n for n, _, _ in b)), f"{calibration_error(b):.3f}")
        for half, bins in halves.items()
        for name, b in bins.items()
    ]
    curve = [
        (f"{confidence:.3f}", str(n), f"{right:.3f}")
        for n, confidence, right in halves["odd rows"]["calibrated"]
    ]
    return [
        Table(
            "Expected calibration error",
            ("Confidence", "words", "error"),
            rows,
            f"Over {N_BINS} bins of as many words each; the target is 0.05 on odd rows. The map "
            "was fitted on even rows alone.",
        ),
        Table(
            "Reliability of the map on odd rows", ("Mean confidence", "words", "share right"), curve
        ),
    ]


def plot(words: Sequence[Judged], path: Path) -> None:
    """Draw the reliability curve of the odd rows."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(4.5, 4.5), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color="grey", linewidth=0.8)
    for name, bins in _bins(words, 1).items():
        axes.plot([b[1] for b in bins], [b[2] for b in bins], marker="o", label=name)
    axes.set(xlabel="mean confidence", ylabel="share of right words", xlim=(0, 1), ylim=(0, 1))
    axes.legend()
    figure.savefig(path, metadata={"Date": None})


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.confidence", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with asr/manifest.jsonl")
    parser.add_argument("--fit", action="store_true", help="print the coefficients of even rows")
    parser.add_argument("--write", action="store_true", help="put table and plot into the docs")
    options = parser.parse_args()
    load_before = load_average()
    words = judge_clips(options.data)
    if options.fit:
        print(np.round(fit([word for word in words if word.row % 2 == 0]), 3).tolist())
    run = describe_run(["benchmarks.confidence", *sys.argv[1:]], load_before)
    content = "\n".join([run, "", *(table.render() for table in make_tables(words))])
    print(content)
    if options.write:
        plot(words, PLOT)
        figure = f"![Reliability on odd rows, with and without the map]({PLOT.name})"
        write_section("confidence", f"{content}\n{figure}")


if __name__ == "__main__":
    main()
