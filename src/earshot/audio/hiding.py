"""Stretches of a recording made inaudible: what was there is gone, not covered."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence

import numpy as np

from earshot.audio.media import ChannelBlock
from earshot.audio.speech import Span
from earshot.audio.waveform import PCM16_SCALE, SAMPLE_RATE
from earshot.transcript.options import RedactedAudioMethod

BEEP_HZ = 1000
BEEP_LEVEL = 0.1  # -20 dB of full scale: clear, and not louder than people speak


def merge_spans(spans: Iterable[Span]) -> list[Span]:
    """The same samples in spans by start that neither overlap nor touch."""
    merged: list[Span] = []
    for span in sorted(spans, key=lambda one: one.start_samples):
        if merged and span.start_samples <= merged[-1].end_samples:
            last = merged.pop()
            span = Span(last.start_samples, max(last.end_samples, span.end_samples))
        merged.append(span)
    return merged


class Hider:
    """Hides the same spans in every channel of a recording, block by block."""

    def __init__(self, spans: Iterable[Span], method: RedactedAudioMethod) -> None:
        self._spans = merge_spans(spans)
        self._ends = [span.end_samples for span in self._spans]
        self._method = method

    def hide(self, block: ChannelBlock, start_samples: int) -> ChannelBlock:
        """The block, which begins at `start_samples` of the recording, without what is hidden."""
        end_samples = start_samples + block.shape[1]
        touched = self._touched(start_samples, end_samples)
        if not touched:
            return block
        hidden = block.copy()
        for span in touched:
            first = max(span.start_samples, start_samples)
            last = min(span.end_samples, end_samples)
            hidden[:, first - start_samples : last - start_samples] = self._substitute(first, last)
        return hidden

    def _touched(self, start_samples: int, end_samples: int) -> Sequence[Span]:
        first = last = bisect_right(self._ends, start_samples)
        while last < len(self._spans) and self._spans[last].start_samples < end_samples:
            last += 1
        return self._spans[first:last]

    def _substitute(self, first_sample: int, end_sample: int) -> ChannelBlock:
        """(n_samples,), by the place in the recording, so that a tone goes on between blocks."""
        if self._method == "silence":
            return np.zeros(end_sample - first_sample, dtype=np.int16)
        # Exact for any place: the tone repeats itself with every second.
        places = np.arange(first_sample, end_sample) % SAMPLE_RATE
        wave = np.sin(2 * np.pi * BEEP_HZ / SAMPLE_RATE * places)
        tone: ChannelBlock = np.rint(BEEP_LEVEL * PCM16_SCALE * wave).astype(np.int16)
        return tone
