"""A long recording in chunks that can be recognised apart: over a minute each, cut at silences."""

import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from earshot.audio.loudness import raise_quiet
from earshot.audio.segments import pack_segments, quietest_point
from earshot.audio.speech import (
    FRAME_SAMPLES,
    Probabilities,
    Span,
    SpeechDetector,
    find_speech,
)
from earshot.audio.waveform import SAMPLE_RATE, Pcm16, Samples, samples_from_pcm16
from earshot.pipeline.copies import CopyFinder
from earshot.recognition.recognizer import NO_HINTS, Effort, Hints, Recognizer, segment_policy_of
from earshot.recognition.transcribe import transcribe_segments
from earshot.transcript.times import samples_to_ms
from earshot.transcript.words import Word


@dataclass(frozen=True, slots=True)
class ChunkSize:
    """How long chunks are at most; one ends up to `search_samples` earlier, in a silence."""

    max_samples: int
    search_samples: int


# The unit of work that a killed worker repeats at most. Longer ones fill batches better.
CHUNK_SAMPLES = 90 * SAMPLE_RATE
SEARCH_SAMPLES = 20 * SAMPLE_RATE
JOB_CHUNKS = ChunkSize(CHUNK_SAMPLES, SEARCH_SAMPLES)
# For those who read words as they come: first ones sooner, for somewhat more work in all.
STREAMED_CHUNKS = ChunkSize(30 * SAMPLE_RATE, 10 * SAMPLE_RATE)
# A channel that is no copy any more begins this much earlier at most: where speech began.
LEAD_SAMPLES = 5 * SAMPLE_RATE
# Of the silence before it that much comes along; a recognizer wants some.
LEAD_SILENCE_SAMPLES = 300 * SAMPLE_RATE // 1000


# Channel and first sample of a chunk: no two have the same.
Place = tuple[int | None, int]


@dataclass(frozen=True, slots=True)
class Cut:
    """How long a chunk is and the probability of speech in it."""

    n_samples: int
    probabilities: Probabilities


@dataclass(frozen=True, slots=True)
class Chunk:
    """A stretch of one channel and the probability of speech in it.

    `start_samples` counts from the start of the recording. `channel` counts from 1, and is None
    where channels were mixed. `probabilities` are one per FRAME_SAMPLES of `pcm`. `is_whole` says
    that the channel has no other chunk.
    """

    channel: int | None
    start_samples: int
    pcm: Pcm16
    probabilities: Probabilities
    is_whole: bool = False

    @property
    def place(self) -> Place:
        return self.channel, self.start_samples

    @property
    def samples(self) -> Samples:
        """The audio as models want it: faint speech raised."""
        return raise_quiet(samples_from_pcm16(self.pcm))

    @property
    def duration_ms(self) -> int:
        return samples_to_ms(len(self.pcm), SAMPLE_RATE)

    @property
    def speech(self) -> list[Span]:
        return find_speech(self.probabilities, len(self.pcm))

    def to_bytes(self) -> bytes:
        """The chunk as a file in NumPy's own format; `from_bytes` reads it."""
        file = io.BytesIO()
        place = np.array([self.channel or 0, self.start_samples], dtype=np.int64)
        np.savez(
            file,
            place=place,
            pcm=self.pcm,
            probabilities=self.probabilities,
            is_whole=np.array(self.is_whole),
        )
        return file.getvalue()

    @staticmethod
    def from_bytes(content: bytes) -> "Chunk":
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            channel, start_samples = arrays["place"].tolist()
            # What an earlier version wrote does not say so.
            is_whole = "is_whole" in arrays and bool(arrays["is_whole"])
            pcm, probabilities = arrays["pcm"], arrays["probabilities"]
        return Chunk(channel or None, start_samples, pcm, probabilities, is_whole)


NO_CUTS: Mapping[Place, Cut] = {}


class ChunkCutter:
    """Cuts the blocks of one channel into chunks as they arrive, in bounded memory."""

    def __init__(
        self,
        channel: int | None,
        start_samples: int,
        detector: SpeechDetector,
        earlier: Mapping[Place, Cut],
        size: ChunkSize = JOB_CHUNKS,
    ) -> None:
        """`start_samples` is where the first block lies in the recording.

        `earlier` are cuts of the same recording that hold, whatever the detector says now.
        """
        self._channel = channel
        self._start_samples = start_samples
        self._detector = detector
        self._earlier = earlier
        self._size = size
        self._pending = np.zeros(0, dtype=np.int16)
        self._skipped = np.zeros(0, dtype=np.int16)  # the end of what was left out
        self._n_taken = 0

    def skip(self, block: Pcm16) -> None:
        """Leave out the next block; chunks go on after it, or where a word in it begins."""
        assert not len(self._pending)
        self._start_samples += len(block)
        self._skipped = np.concatenate([self._skipped, block])[-LEAD_SAMPLES:]

    def add(self, block: Pcm16) -> Iterator[Chunk]:
        """The chunks that the block completes."""
        if len(self._skipped):
            self._pending = self._skipped[self._find_lead(block) :]
            self._start_samples -= len(self._pending)
            self._skipped = self._skipped[:0]
        self._pending = np.concatenate([self._pending, block])
        while len(self._pending) >= self._size.max_samples:
            yield self._take(self._earlier_cut() or self._find_cut())

    def finish(self) -> Iterator[Chunk]:
        """The last chunk, if anything is left."""
        while len(self._pending):
            chunk = self._take(self._earlier_cut() or self._rest())
            is_whole = self._n_taken == 1 and not len(self._pending)
            yield replace(chunk, is_whole=is_whole)

    def _earlier_cut(self) -> Cut | None:
        return self._earlier.get((self._channel, self._start_samples))

    def _find_lead(self, block: Pcm16) -> int:
        """From where on what was left out is wanted after all, so that no word begins in it."""
        n_skipped = len(self._skipped)
        first = self._start_samples - n_skipped
        made = [start for number, start in self._earlier if number == self._channel]
        if made:
            return max(0, min(min(made) - first, n_skipped))
        pcm = np.concatenate([self._skipped, block])
        probabilities = self._probabilities(pcm)
        ended = 0
        for span in find_speech(probabilities, len(pcm)):
            if span.start_samples < n_skipped <= span.end_samples:
                if span.start_samples == 0 and n_skipped == LEAD_SAMPLES:
                    return quietest_point(samples_from_pcm16(pcm), probabilities, 0, n_skipped)
                silence = (span.start_samples - ended) // 2
                return span.start_samples - min(LEAD_SILENCE_SAMPLES, silence)
            ended = span.end_samples
        return n_skipped

    def _find_cut(self) -> Cut:
        head = self._pending[: self._size.max_samples]
        probabilities = self._probabilities(head)
        n_samples = _cut_point(head, probabilities, self._size.search_samples)
        return Cut(n_samples, probabilities[: -(-n_samples // FRAME_SAMPLES)])

    def _rest(self) -> Cut:
        return Cut(len(self._pending), self._probabilities(self._pending))

    def _take(self, cut: Cut) -> Chunk:
        pcm, self._pending = self._pending[: cut.n_samples], self._pending[cut.n_samples :]
        chunk = Chunk(self._channel, self._start_samples, pcm, cut.probabilities)
        self._start_samples += cut.n_samples
        self._n_taken += 1
        return chunk

    def _probabilities(self, pcm: Pcm16) -> Probabilities:
        if not pcm.any():  # a channel without a signal costs no model anything
            return np.zeros(-(-len(pcm) // FRAME_SAMPLES), dtype=np.float32)
        return self._detector.speech_probabilities(raise_quiet(samples_from_pcm16(pcm)))


def cut_chunks(
    blocks: Iterable[npt.NDArray[np.int16]],
    start_samples: int,
    detector: SpeechDetector,
    *,
    is_split: bool,
    earlier: Mapping[Place, Cut] = NO_CUTS,
    copies: CopyFinder | None = None,
    size: ChunkSize = JOB_CHUNKS,
) -> Iterator[Chunk]:
    """The chunks of all channels but copies of others, as soon as each is complete.

    Where a copy becomes a channel of its own inside of speech, its chunks begin where that does.

    `blocks` are (n_channels, n_samples) at SAMPLE_RATE, the first starting at `start_samples`;
    `is_split` says that their rows are the recording's own channels, and not a mix of them;
    `earlier` are cuts that were made before, and are kept. `copies` is shown every block, and says
    which channels are left out.
    """
    cutters: list[ChunkCutter] = []
    finder = copies or CopyFinder()
    for block in blocks:
        if not cutters:
            numbers = range(1, len(block) + 1) if is_split else [None]
            cutters = [
                ChunkCutter(number, start_samples, detector, earlier, size) for number in numbers
            ]
        are_copies = finder.find_copies(block) if len(block) > 1 else [False]
        for cutter, channel_block, is_copy in zip(cutters, block, are_copies, strict=True):
            if is_copy:
                cutter.skip(channel_block)
            else:
                yield from cutter.add(channel_block)
    for cutter in cutters:
        yield from cutter.finish()


def recognize_chunk(
    chunk: Chunk, recognizer: Recognizer, hints: Hints = NO_HINTS
) -> tuple[Word, ...]:
    """The words of the chunk, in ms from the start of the recording, none overlapping."""
    samples = chunk.samples
    policy = segment_policy_of(recognizer)
    segments = pack_segments(chunk.speech, samples, chunk.probabilities, policy)
    hints = replace(hints, effort=Effort.MORE if chunk.is_whole else Effort.USUAL)
    words = transcribe_segments(recognizer, samples, chunk.probabilities, segments, hints)
    offset_ms = samples_to_ms(chunk.start_samples, SAMPLE_RATE)
    # A sum of two rounded times may lie 1 ms past where the next chunk begins.
    limit_ms = samples_to_ms(chunk.start_samples + len(chunk.pcm), SAMPLE_RATE)
    speaker = None if chunk.channel is None else str(chunk.channel)
    return tuple(
        replace(
            word,
            start_ms=min(word.start_ms + offset_ms, limit_ms),
            end_ms=min(word.end_ms + offset_ms, limit_ms),
            channel=chunk.channel,
            speaker=speaker,
        )
        for word in words
    )


def _cut_point(pcm: Pcm16, probabilities: Probabilities, search_samples: int) -> int:
    """Where to end a chunk: in the widest silence of its last part, else where it is quietest."""
    earliest = len(pcm) - search_samples
    speech = [span for span in find_speech(probabilities, len(pcm)) if span.end_samples > earliest]
    edges = [earliest, *(edge for s in speech for edge in (s.start_samples, s.end_samples))]
    starts, ends = edges[::2], [*edges[1::2], len(pcm)]
    silences = [(end - start, start, end) for start, end in zip(starts, ends, strict=True)]
    n_silent, start, end = max(silences)
    if n_silent > 0:
        return (start + end) // 2
    samples = samples_from_pcm16(pcm)
    return quietest_point(samples, probabilities, earliest, len(pcm) - FRAME_SAMPLES)
