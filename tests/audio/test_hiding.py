import numpy as np
import pytest

from earshot.audio.hiding import BEEP_HZ, BEEP_LEVEL, Hider, merge_spans
from earshot.audio.media import ChannelBlock
from earshot.audio.speech import Span
from earshot.audio.waveform import SAMPLE_RATE
from earshot.transcript.options import RedactedAudioMethod

RECORDING: ChannelBlock = np.arange(1, 2 * SAMPLE_RATE + 1, dtype=np.int16).reshape(2, -1)


def hide_all(hider: Hider, block_samples: int) -> ChannelBlock:
    starts = range(0, RECORDING.shape[1], block_samples)
    blocks = [hider.hide(RECORDING[:, start : start + block_samples], start) for start in starts]
    return np.concatenate(blocks, axis=1)


def test_spans_that_overlap_or_touch_become_one() -> None:
    spans = [Span(5, 9), Span(0, 3), Span(3, 4), Span(6, 7), Span(20, 21)]
    assert merge_spans(spans) == [Span(0, 4), Span(5, 9), Span(20, 21)]


def test_silence_is_silent_on_every_channel_there_and_nowhere_else() -> None:
    hidden = hide_all(Hider([Span(100, 200), Span(15_000, 99_000)], "silence"), 1_000)
    assert not hidden[:, 100:200].any()
    assert not hidden[:, 15_000:].any()
    assert np.array_equal(hidden[:, :100], RECORDING[:, :100])
    assert np.array_equal(hidden[:, 200:15_000], RECORDING[:, 200:15_000])


def test_a_beep_is_a_tone_of_its_pitch_and_holds_nothing_of_what_was_there() -> None:
    hidden = hide_all(Hider([Span(0, SAMPLE_RATE)], "beep"), SAMPLE_RATE)
    spectrum = np.abs(np.fft.rfft(hidden[0].astype(float)))
    assert spectrum.argmax() == BEEP_HZ
    assert spectrum[BEEP_HZ] ** 2 > 0.99 * (spectrum**2).sum()
    assert np.abs(hidden).max() == round(BEEP_LEVEL * 2**15)
    assert np.array_equal(hidden[0], hidden[1])


@pytest.mark.parametrize("method", ["beep", "silence"])
@pytest.mark.parametrize("block_samples", [1, 7, 480, 16_000])
def test_how_the_recording_comes_in_blocks_makes_no_difference(
    method: RedactedAudioMethod, block_samples: int
) -> None:
    hider = Hider([Span(3, 50), Span(49, 60), Span(700, 3_000), Span(3_001, 3_002)], method)
    assert np.array_equal(hide_all(hider, block_samples), hider.hide(RECORDING, 0))


def test_the_recording_itself_is_left_as_it_is() -> None:
    before = RECORDING.copy()
    hide_all(Hider([Span(0, 10)], "silence"), 160)
    assert np.array_equal(before, RECORDING)
