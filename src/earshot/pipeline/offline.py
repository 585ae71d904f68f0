"""One file to a transcript in this process, without a server, a database or a queue."""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from threading import BoundedSemaphore, Lock

from earshot.audio.speech import Span
from earshot.pipeline.assembly import assemble_transcript
from earshot.pipeline.chunks import Chunk, recognize_chunk
from earshot.pipeline.decoding import decode_to_chunks
from earshot.pipeline.known_voices import KnownVoices
from earshot.pipeline.plan import Plan
from earshot.pipeline.planning import Planner
from earshot.pipeline.redacted_audio import find_hidden, write_redacted_audio
from earshot.pipeline.stages import Stages
from earshot.pipeline.understanding import understand
from earshot.pipeline.voices import Voices, hear_voices
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.result import TranscriptResult
from earshot.transcript.words import Word


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the work is; `total_ms` is None where the media does not say how long it is."""

    phase: str
    done_ms: int
    total_ms: int | None


class _Meter:
    """Adds up what several threads have done."""

    def __init__(self, report: Callable[[Progress], None]) -> None:
        self._report = report
        self._done_ms = 0
        self._total_ms: int | None = None
        self._lock = Lock()

    def begin(self, phase: str) -> None:
        self._report(Progress(phase, self._done_ms, self._total_ms))

    def set_total(self, total_ms: int | None) -> None:
        self._total_ms = total_ms
        self.begin("recognising")

    def add(self, chunk: Chunk) -> None:
        """Count the chunk, once for all channels of the same stretch."""
        if chunk.channel in (None, 1):
            with self._lock:
                self._done_ms += chunk.duration_ms
                self._report(Progress("recognising", self._done_ms, self._total_ms))


def transcribe_file(
    path: Path,
    options: TranscriptOptions,
    stages: Stages,
    report: Callable[[Progress], None] = lambda _: None,
    known: KnownVoices | None = None,
    redacted_audio: Path | None = None,
) -> TranscriptResult:
    """The transcript of one media file; blocks, and uses every core.

    Decoding goes on while chunks are recognised, at most two of them per thread ahead. Speakers
    whose voices are `known` are named. Where the options ask for redacted audio, it is written to
    `redacted_audio`.
    """
    planner = Planner(options, stages.recognizers)
    diarizer, _ = stages.diarizer_for(options), stages.tagger_for(options)
    n_threads = os.cpu_count() or 1
    room = BoundedSemaphore(2 * n_threads)
    meter = _Meter(report)
    futures: list[Future[tuple[Sequence[Word], Voices | None]]] = []
    waiting: list[Chunk] = []  # for the plan, while the language is being detected

    def recognize(chunk: Chunk, plan: Plan) -> tuple[Sequence[Word], Voices | None]:
        try:
            with stages.recognizers.lease(plan.engine) as recognizer:
                words = recognize_chunk(chunk, recognizer, plan.hints(options))
            return words, None if diarizer is None else hear_voices(chunk, words, diarizer)
        finally:
            room.release()
            meter.add(chunk)

    def submit(plan: Plan) -> None:
        for chunk in waiting:
            room.acquire()
            futures.append(pool.submit(recognize, chunk, plan))
        waiting.clear()

    def take(chunk: Chunk) -> None:
        waiting.append(chunk)
        plan = planner.hear(chunk)
        if plan is not None:
            submit(plan)

    with ThreadPoolExecutor(n_threads, thread_name_prefix="recognize") as pool:
        meter.begin("decoding")
        recording = decode_to_chunks(path, options, stages, take, meter.set_total)
        plan = planner.conclude()
        submit(plan)
        heard = [future.result() for future in futures]
    recording = recording.with_warning(stages.recognizers.notice(plan.engine, plan.hints(options)))
    meter.begin("formatting")
    words = [word for chunk_words, _ in heard for word in chunk_words]
    voices = [chunk_voices for _, chunk_voices in heard if chunk_voices is not None]
    result = assemble_transcript(words, recording, options, plan, voices, known)
    return _show(result, path, options, stages, redacted_audio)


def _show(
    result: TranscriptResult,
    source: Path,
    options: TranscriptOptions,
    stages: Stages,
    redacted_audio: Path | None,
) -> TranscriptResult:
    """The result, redacted and understood as asked; its redacted audio is written."""
    features = (*stages.features, *stages.asking_features)
    shown = understand(result, options, features, tagger=stages.tagger)
    if redacted_audio is None:
        return shown
    hidden = find_hidden(result.words, shown.words)
    warnings = _write_redacted(source, redacted_audio, options, hidden, stages)
    return replace(shown, warnings=(*shown.warnings, *warnings))


def _write_redacted(
    source: Path,
    target: Path,
    options: TranscriptOptions,
    hidden: Sequence[Span],
    stages: Stages,
) -> tuple[str, ...]:
    """Write the redacted audio, whole or not at all; returns what the caller should know."""
    audio = options.redacted_audio
    assert audio is not None
    part = target.with_name(f".{target.name}.part")
    try:
        warnings = write_redacted_audio(source, part, options, audio, hidden, stages.decoder)
        part.replace(target)
    finally:
        part.unlink(missing_ok=True)
    return warnings
