"""Media to chunks, and what there is to know about the recording once they are all cut."""

from collections.abc import Callable, Mapping
from pathlib import Path

from earshot.audio.media import MAX_RECORDING_MS, ChannelMode
from earshot.audio.waveform import SAMPLE_RATE
from earshot.errors import SpeechBelowThreshold
from earshot.pipeline.assembly import Recording
from earshot.pipeline.chunks import (
    JOB_CHUNKS,
    NO_CUTS,
    Chunk,
    ChunkSize,
    Cut,
    Place,
    cut_chunks,
)
from earshot.pipeline.copies import CopyFinder
from earshot.pipeline.stages import Stages
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.times import ms_to_samples, samples_to_ms


def decode_to_chunks(
    path: Path,
    options: TranscriptOptions,
    stages: Stages,
    take: Callable[[Chunk], None],
    on_duration: Callable[[int | None], None] = lambda _: None,
    earlier: Mapping[Place, Cut] = NO_CUTS,
    size: ChunkSize = JOB_CHUNKS,
) -> Recording:
    """Hand every chunk to `take` as it is cut, and return what is known of the recording.

    `on_duration` is told the media's claimed length in ms, None if unknown, before the first chunk.
    `earlier` are cuts of the same recording by a run before this one, which are made again.
    Raises what the decoder raises, and SpeechBelowThreshold after the last chunk.
    """
    mode = ChannelMode.SPLIT if options.split_channels else ChannelMode.MIX
    start_samples = ms_to_samples(options.audio_start_ms or 0, SAMPLE_RATE)
    n_speech = n_total = end_samples = 0
    copies = CopyFinder()
    with stages.decoder.open(
        path, channels=mode, start_ms=options.audio_start_ms or 0, end_ms=options.audio_end_ms
    ) as media:
        on_duration(media.info.duration_ms)
        chunks = cut_chunks(
            media,
            start_samples,
            stages.detector,
            is_split=options.split_channels,
            earlier=earlier,
            copies=copies,
            size=size,
        )
        for chunk in chunks:
            take(chunk)
            n_speech += sum(span.n_samples for span in chunk.speech)
            n_total += len(chunk.pcm)
            end_samples = max(end_samples, chunk.start_samples + len(chunk.pcm))
        claimed_ms = min(media.info.duration_ms or 0, MAX_RECORDING_MS)
        n_channels = media.info.n_channels if options.split_channels else None
        warnings = (*media.warnings, *copies.warnings)
    share = n_speech / n_total if n_total else 0.0
    if share < options.speech_threshold:
        raise SpeechBelowThreshold(share, options.speech_threshold)
    decoded_ms = samples_to_ms(end_samples, SAMPLE_RATE)
    is_whole = options.audio_end_ms is None
    return Recording(
        # What was decoded is the truth, unless the caller asked for less than the whole.
        duration_ms=decoded_ms if is_whole else max(decoded_ms, claimed_ms),
        n_channels=n_channels,
        warnings=warnings,
    )
