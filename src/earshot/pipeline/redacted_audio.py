"""The recording again, without what is hidden in the words.

Made of the decoded original, whose times are those of the words. What is hidden is gone on every
channel: a voice is heard on the others, too.
"""

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from earshot.audio.encode import MAX_CHANNELS_OF_FORM, encode_file
from earshot.audio.hiding import Hider
from earshot.audio.media import ChannelBlock, ChannelMode
from earshot.audio.speech import Span
from earshot.audio.waveform import SAMPLE_RATE
from earshot.errors import AudioTooLong, DecoderFailed, EncoderFailed
from earshot.pipeline.stages import MediaDecoder, OpenMedia
from earshot.storage.erasure import redacted_key, redacted_prefix, work_prefix
from earshot.storage.media import MediaStore
from earshot.transcript.options import RedactedAudioOptions, TranscriptOptions
from earshot.transcript.times import ms_to_samples
from earshot.transcript.words import Word

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Margins:
    """How much is hidden around a secret word, for its times are not exact.

    Of its neighbours `least_ms`; of a pause before or after it all, up to `most_ms`. Between two
    secret words everything is hidden, for a word may have been missed there, unless they are over
    `apart_ms` apart and so hardly of one secret.
    """

    least_ms: int = 500
    most_ms: int = 1_000
    apart_ms: int = 5_000


DEFAULT_MARGINS = Margins()  # measured by `benchmarks.redacted_audio`
ATTEMPTS = 2
READ_BYTES = 2**20
MIXED = "MP3 has two channels at most: the redacted audio is a mix; wav would keep all channels"
NOT_MADE = "redact_pii_audio failed: there is no redacted audio; the transcript is complete"
NO_SPEECH = "there is no redacted audio, for there is no speech in the recording"


def find_hidden(
    spoken: Sequence[Word], shown: Sequence[Word], margins: Margins = DEFAULT_MARGINS
) -> list[Span]:
    """Where something must not be heard: the times of the words that `shown` hides, and around.

    Both are the words of one transcript; `spoken` as they were said.
    """
    tracks: dict[int | None, list[tuple[Word, bool]]] = {}
    for word, substitute in zip(spoken, shown, strict=True):
        is_secret = word.text != substitute.text
        tracks.setdefault(word.channel, []).append((word, is_secret))
    return [span for track in tracks.values() for span in _find_in_track(track, margins)]


def _find_in_track(track: Sequence[tuple[Word, bool]], margins: Margins) -> Iterator[Span]:
    """The spans around the words of one channel that are secret, one for each."""
    for index, (word, is_secret) in enumerate(track):
        if not is_secret:
            continue
        before = track[index - 1][0] if index else None
        after, is_one_more = track[index + 1] if index + 1 < len(track) else (None, False)
        start_ms = word.start_ms - _margin_ms(before, word, margins)
        end_ms = word.end_ms + _margin_ms(word, after, margins)
        if after is not None and is_one_more and after.start_ms - word.end_ms <= margins.apart_ms:
            end_ms = max(end_ms, after.start_ms)
        yield Span(ms_to_samples(max(0, start_ms), SAMPLE_RATE), ms_to_samples(end_ms, SAMPLE_RATE))


def _margin_ms(before: Word | None, after: Word | None, margins: Margins) -> int:
    """How much is hidden of the gap between two words of which one is secret."""
    if before is None or after is None:
        return margins.most_ms
    return min(max(after.start_ms - before.end_ms, margins.least_ms), margins.most_ms)


def write_redacted_audio(
    source: Path,
    target: Path,
    options: TranscriptOptions,
    audio: RedactedAudioOptions,
    hidden: Iterable[Span],
    decoder: MediaDecoder,
) -> tuple[str, ...]:
    """Write the recording without the spans to a new file; returns what the caller should know.

    What was not transcribed, as the options say, is not there either: the file ends where they
    end, and begins with silence, so that times stay. Raises what the decoder raises, and
    EncoderFailed.
    """
    start_ms, end_ms = options.audio_start_ms or 0, options.audio_end_ms
    mode = ChannelMode.SPLIT
    warnings: tuple[str, ...] = ()
    with decoder.open(source, channels=mode, start_ms=start_ms, end_ms=end_ms) as media:
        n_channels = media.info.n_channels
        if n_channels <= MAX_CHANNELS_OF_FORM[audio.form]:
            blocks = _redacted(media, start_ms, n_channels, Hider(hidden, audio.method))
            encode_file(blocks, target, form=audio.form, n_channels=n_channels)
            return warnings
    mode = ChannelMode.MIX
    with decoder.open(source, channels=mode, start_ms=start_ms, end_ms=end_ms) as media:
        blocks = _redacted(media, start_ms, 1, Hider(hidden, audio.method))
        encode_file(blocks, target, form=audio.form, n_channels=1)
    return (MIXED,)


def _redacted(
    media: OpenMedia, start_ms: int, n_channels: int, hider: Hider
) -> Iterator[ChannelBlock]:
    position = ms_to_samples(start_ms, SAMPLE_RATE)
    for first in range(0, position, SAMPLE_RATE):
        n_silent = min(SAMPLE_RATE, position - first)
        yield np.zeros((n_channels, n_silent), dtype=np.int16)
    for block in media:
        yield hider.hide(block, position)
        position += block.shape[1]


class RedactedAudio:
    """Makes the redacted audio of this server's transcripts and keeps it in the media store."""

    def __init__(self, media: MediaStore, decoder: MediaDecoder) -> None:
        self._media = media
        self._decoder = decoder

    def keep(
        self,
        transcript_id: str,
        source: Path,
        options: TranscriptOptions,
        spoken: Sequence[Word],
        shown: Sequence[Word],
    ) -> tuple[str, ...]:
        """Make it and store it, if it is asked for; returns what the caller should know.

        Made again, it takes the place of the one before. Where decoder or encoder break down over
        it, there is none: the transcript does not suffer for it.
        """
        audio = options.redacted_audio
        if audio is None:
            return ()
        if not spoken and not audio.if_speechless:
            return (NO_SPEECH,)
        hidden = find_hidden(spoken, shown)
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._make(transcript_id, source, options, audio, hidden)
            except (DecoderFailed, EncoderFailed, AudioTooLong) as error:
                fields = {
                    "transcript_id": transcript_id,
                    "reason": type(error).__name__,
                    "attempt": attempt,
                }
                logger.exception("redacted_audio_failed", extra=fields)
        return (NOT_MADE,)

    def forget(self, transcript_id: str) -> None:
        """Delete it; where there is none nothing happens."""
        self._media.delete_prefix(redacted_prefix(transcript_id))

    def _make(
        self,
        transcript_id: str,
        source: Path,
        options: TranscriptOptions,
        audio: RedactedAudioOptions,
        hidden: Sequence[Span],
    ) -> tuple[str, ...]:
        with self._media.scratch(work_prefix(transcript_id)) as folder:
            made = folder / f"audio.{audio.form}"
            warnings = write_redacted_audio(source, made, options, audio, hidden, self._decoder)
            with made.open("rb") as file:
                chunks = iter(lambda: file.read(READ_BYTES), b"")
                self._media.put(redacted_key(transcript_id, audio.form), chunks)
        return warnings
