import numpy as np

from benchmarks.language import N_SOUNDS, Trial, fit, share_with_interval
from earshot.recognition.language import EnglishEvidence

N_FEATURES = 2 * N_SOUNDS


def trials_of(language: str, origin: str, *, shift: float, voice: float) -> list[Trial]:
    """Recordings whose first feature is moved by `shift`, and whose second by `voice`."""
    draw = np.random.default_rng(len(language) + len(origin))
    trials = []
    for row in range(40):
        sound = draw.normal(size=N_FEATURES)
        sound[:2] = sound[:2] / 4 + [shift, voice]
        evidence = EnglishEvidence(10.0, float(draw.normal(-0.5, 0.1)), sound)
        trials.append(Trial(f"{language}-{row}", language, origin, 2 * row, evidence))
    return trials


def test_a_fit_tells_languages_by_their_sound_and_not_by_who_speaks() -> None:
    people = trials_of("en", "english", shift=0.0, voice=0.0)
    espeak = trials_of("en", "espeak", shift=0.0, voice=9.0)
    foreign = trials_of("de", "espeak", shift=3.0, voice=9.0)
    found = fit([*people, *espeak, *foreign])
    strangers = trials_of("sv", "foreign", shift=3.0, voice=0.0)
    assert np.mean([found.probability(trial) < 0.5 for trial in strangers]) > 0.9
    assert np.mean([found.probability(trial) > 0.5 for trial in (*people, *espeak)]) > 0.9


def test_a_share_comes_with_the_interval_that_chance_leaves() -> None:
    assert share_with_interval([True] * 4) == ("4 of 4 (100.0 %)", "100.0 to 100.0 %")
    share, interval = share_with_interval([True, False] * 50)
    assert share == "50 of 100 (50.0 %)"
    low, high = (float(edge) for edge in interval.removesuffix(" %").split(" to "))
    assert 35 < low < 45 < 55 < high < 65
