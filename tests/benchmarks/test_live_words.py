from pathlib import Path

import numpy as np
import pytest

from benchmarks.datasets import Clip
from benchmarks.live_words import (
    VERSIONS,
    Errors,
    Version,
    interval_apart,
    telephone_table,
    word_error_table,
)
from earshot.evaluation.scoring import ErrorCounts


def errors_of(
    row: int, live: int, as_file: int, set_name: str = "librispeech", version: Version = VERSIONS[0]
) -> Errors:
    clip = Clip(row, f"{row}.wav", set_name, Path(f"{row}.wav"), 1.0, "")
    counts = [ErrorCounts(10, substitutions=number) for number in (live, live, as_file)]
    return Errors(clip, version, *counts)


def counts_of(errors: list[Errors]) -> list[tuple[int, ErrorCounts, ErrorCounts]]:
    return [(one.clip.row, one.as_file, one.live) for one in errors]


def test_a_version_is_quieter_and_later() -> None:
    changed = Version(0.5, 2).of(np.array([-100, 3, 100], np.int16))
    assert len(changed) == 32 + 3
    assert not changed[:32].any()
    assert changed[32:].tolist() == [-50, 2, 50]


def test_one_version_is_the_clip_as_recorded() -> None:
    pcm = np.array([-32768, 0, 32767], np.int16)
    assert (VERSIONS[0].of(pcm) == pcm).all()


def test_live_words_stand_beside_those_of_the_file() -> None:
    errors = [errors_of(0, 2, 1), errors_of(1, 4, 1, set_name="ami")]
    rows = {row[0]: row[1:] for row in word_error_table(errors).rows}
    assert rows["librispeech"][:4] == ("10", "20.00", "20.00", "10.00")
    assert rows["all but ami"] == rows["all, even rows"] == rows["librispeech"]
    assert rows["all, odd rows"] == rows["ami"]
    assert rows["all"][:4] == ("20", "30.00", "30.00", "10.00")
    assert rows["all"][4].startswith("20.00 (10.0 to 30.0)")


def test_the_interval_draws_clips_with_all_their_versions() -> None:
    alike = [errors_of(row, 2, 1, version=version) for row in range(50) for version in VERSIONS]
    assert interval_apart(counts_of(alike)) == pytest.approx((10.0, 10.0))
    apart = [
        errors_of(row, 2 * (row % 2), 1, version=version)
        for row in range(50)
        for version in VERSIONS
    ]
    # The mean of 50 draws of 10 or -10 points deviates by 1.4; of 200, by half of that.
    low, high = interval_apart(counts_of(apart))
    assert -3.5 < low < -2
    assert 2 < high < 3.5


def test_telephone_speech_counts_apart() -> None:
    errors = [errors_of(0, 1, 1), errors_of(0, 5, 3, set_name="telephone")]
    rows = {row[0]: row for row in word_error_table(errors).rows}
    assert rows["telephone"][2] == "50.00"
    assert rows["all"][1:3] == ("10", "10.00")


def test_a_telephone_stands_beside_the_same_clips_in_full_band() -> None:
    errors = [
        errors_of(0, 1, 1),
        errors_of(0, 3, 2, version=VERSIONS[1]),
        errors_of(0, 4, 1, set_name="telephone"),
        errors_of(0, 4, 3, set_name="telephone", version=VERSIONS[1]),
        errors_of(1, 9, 9, set_name="vctk"),
    ]
    assert telephone_table(errors).rows == [
        ("live, final words", "20.00", "40.00", "20.00 (20.0 to 20.0)"),
        ("as a file", "15.00", "20.00", "5.00 (5.0 to 5.0)"),
    ]
