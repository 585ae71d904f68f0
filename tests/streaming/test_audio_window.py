import numpy as np

from earshot.audio.waveform import Samples
from earshot.streaming.audio_window import AudioWindow


def numbers(first: int, last: int) -> Samples:
    return np.arange(first, last, dtype=np.float32)


def test_what_was_appended_is_found_by_its_place() -> None:
    window = AudioWindow()
    window.append(numbers(0, 100))
    window.append(numbers(100, 250))
    assert window.end_samples == 250
    assert np.array_equal(window.cut(90, 110), numbers(90, 110))


def test_places_stay_when_the_beginning_is_forgotten() -> None:
    window = AudioWindow()
    window.append(numbers(0, 1000))
    window.forget_before(900)
    window.append(numbers(1000, 1100))
    assert window.start_samples == 900
    assert np.array_equal(window.cut(950, 1050), numbers(950, 1050))


def test_a_cut_is_not_changed_by_what_comes_later() -> None:
    window = AudioWindow()
    window.append(numbers(0, 1000))
    before = window.cut(900, 1000)
    window.forget_before(900)
    window.append(np.zeros(1000, dtype=np.float32))
    assert np.array_equal(before, numbers(900, 1000))


def test_what_is_asked_of_before_the_beginning_begins_there() -> None:
    window = AudioWindow()
    window.append(numbers(0, 1000))
    window.forget_before(800)
    assert np.array_equal(window.cut(700, 1000), numbers(800, 1000))


def test_memory_stays_the_same_however_much_passes_through() -> None:
    window = AudioWindow()
    for start in range(0, 3_000_000, 50_000):
        window.append(numbers(start, start + 50_000))
        window.forget_before(start)
    assert window.capacity_samples <= 4 * 100_000
    assert np.array_equal(window.cut(2_990_000, 3_000_000), numbers(2_990_000, 3_000_000))


def test_memory_shrinks_again_after_a_long_stretch() -> None:
    window = AudioWindow()
    window.append(np.zeros(2_000_000, dtype=np.float32))
    window.forget_before(1_999_000)
    assert window.capacity_samples < 100_000
