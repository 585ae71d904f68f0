"""Frames of one rate, format and layout -> interleaved 16 kHz int16, through FFmpeg's filters.

Without numpy: importing it takes three times as long as everything else that the child needs.
"""

from collections.abc import Iterator

from av.audio.frame import AudioFrame
from av.filter import Graph

from earshot.audio.decoding.protocol import (
    BLOCK_SAMPLES,
    BYTES_PER_SAMPLE,
    MIX_CHANNELS,
    SAMPLE_RATE,
)


class Converter:
    """Converts a run of frames that follow one another; all have the shape of the first."""

    def __init__(self, first: AudioFrame, *, is_mixed: bool) -> None:
        self._shape = _shape_of(first)
        self.n_channels = n_block_channels(first.layout.nb_channels, is_mixed=is_mixed)
        self._sample_rate = first.sample_rate
        self._n_in_samples = 0
        self._n_out_samples = 0
        self._graph = _build_graph(first, is_mixed=is_mixed)

    def fits(self, frame: AudioFrame) -> bool:
        """Whether the frame has the shape of the first."""
        return _shape_of(frame) == self._shape

    def convert(self, frame: AudioFrame) -> Iterator[bytes]:
        """PCM that is complete so far; the resampler holds some of it back."""
        self._n_in_samples += frame.samples
        frame.pts = None  # the run is gapless: keep the filters from thinking otherwise
        self._graph.push(frame)
        yield from self._pull()

    def finish(self) -> Iterator[bytes]:
        """The rest, so that the run is as long as its input to the nearest sample."""
        if self._n_in_samples == 0:
            return
        self._graph.push(None)
        yield from self._pull()
        missing = self._n_expected - self._n_out_samples
        if missing > 0:
            yield bytes(missing * self.n_channels * BYTES_PER_SAMPLE)

    @property
    def _n_expected(self) -> int:
        return round(self._n_in_samples * SAMPLE_RATE / self._sample_rate)

    def _pull(self) -> Iterator[bytes]:
        while True:
            try:
                frame = self._graph.pull()
            except (BlockingIOError, EOFError):
                return
            assert isinstance(frame, AudioFrame)
            n_samples = min(frame.samples, self._n_expected - self._n_out_samples)
            self._n_out_samples += n_samples
            n_bytes = n_samples * self.n_channels * BYTES_PER_SAMPLE
            yield bytes(memoryview(frame.planes[0])[:n_bytes])


def _shape_of(frame: AudioFrame) -> tuple[int, str, str]:
    return frame.sample_rate, frame.format.name, frame.layout.name


def _build_graph(first: AudioFrame, *, is_mixed: bool) -> Graph:
    """Source -> float -> mean of channels and the first -> resample -> int16 in blocks."""
    graph = Graph()
    graph.threads = 1
    n_channels = first.layout.nb_channels
    filters = [
        graph.add(
            "abuffer",
            sample_rate=str(first.sample_rate),
            sample_fmt=first.format.name,
            channel_layout=first.layout.name,
            time_base=f"1/{first.sample_rate}",
        ),
        graph.add("aformat", sample_fmts="flt"),
    ]
    if is_mixed and n_channels > 1:
        filters.append(graph.add("pan", _mean_and_first(n_channels)))
    filters += [
        graph.add("aresample", out_sample_rate=str(SAMPLE_RATE), out_sample_fmt="s16"),
        graph.add("abuffersink"),
    ]
    graph.link_nodes(*filters).configure()
    graph.set_audio_frame_size(BLOCK_SAMPLES)
    return graph


def n_block_channels(n_channels: int, *, is_mixed: bool) -> int:
    """How many channels come out of so many: a mix brings the first one along."""
    return min(n_channels, MIX_CHANNELS) if is_mixed else n_channels


def _mean_and_first(n_channels: int) -> str:
    """The mean cannot clip, as a sum or FFmpeg's own down-mix matrix could.

    The first channel is for where the mean is silent because channels cancel each other out.
    """
    gain = 1 / n_channels
    mean = "+".join(f"{gain:.9f}*c{index}" for index in range(n_channels))
    return f"stereo|c0={mean}|c1=c0"
