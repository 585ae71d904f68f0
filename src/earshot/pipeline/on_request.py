"""One recording to a transcript while its caller waits: no database, no queue, nothing kept."""

import os
import sys
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from threading import BoundedSemaphore, get_native_id

from earshot.audio.waveform import SAMPLE_RATE
from earshot.diarization.diarizer import Diarizer
from earshot.errors import ClipTooLong, NoSpokenAudio
from earshot.pipeline.assembly import assemble_transcript, format_as_planned
from earshot.pipeline.chunks import JOB_CHUNKS, STREAMED_CHUNKS, Chunk, recognize_chunk
from earshot.pipeline.decoding import decode_to_chunks
from earshot.pipeline.plan import Plan
from earshot.pipeline.planning import Planner
from earshot.pipeline.stages import Stages
from earshot.pipeline.turns import Abandoned, Turns
from earshot.pipeline.voices import Voices, hear_voices
from earshot.recognition.language import ENGLISH
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.result import TranscriptResult
from earshot.transcript.times import samples_to_ms
from earshot.transcript.words import Word

# Under way at once are that many recordings per thread, so that no thread waits for a decoder: each
# has a process of its own. What is surely short does not wait for what may be long.
RUNS_PER_THREAD = 2
SHORT_MS = 120_000
SHORT_BYTES = 4 * 2**20  # two minutes without compression

TakeWords = Callable[[Sequence[Word]], None]
_Heard = tuple[Sequence[Word], Voices | None]


@dataclass(frozen=True, slots=True)
class Attention:
    """What the caller of a transcript allows, and wants to be told meanwhile.

    A recording over `max_ms` is refused. `is_wanted` says whether somebody still waits;
    `take_words` is given the words of each part, formatted, in their order, as soon as they are
    known.
    """

    max_ms: int
    is_wanted: Callable[[], bool] = lambda: True
    take_words: TakeWords | None = None


class OnRequest:
    """Transcribes for many callers at once, on `n_threads` threads for all of them together.

    Few recordings are under way at once, first come, first served: all at once would all be late,
    and their decoders take memory. One that may be long has no more parts in line than there are
    threads, so that a short one comes in between; these have their turns apart from the others. By
    their `niceness` the threads leave the processor to others of this process who cannot wait;
    callers are to `be_nice` as well, for they decode.
    """

    def __init__(self, stages: Stages, n_threads: int, *, niceness: int = 0) -> None:
        self._stages = stages
        self._n_threads = n_threads
        self._short_turns = Turns(RUNS_PER_THREAD * n_threads)
        self._long_turns = Turns(RUNS_PER_THREAD * n_threads)
        self._pool = ThreadPoolExecutor(
            n_threads,
            thread_name_prefix="on-request",
            initializer=be_nice,
            initargs=(niceness,),
        )

    def transcribe(
        self, path: Path, options: TranscriptOptions, attention: Attention
    ) -> TranscriptResult:
        """The transcript of one media file; blocks.

        Raises ClipTooLong, Abandoned, and what decoding and planning raise.
        """
        run = _Run(self._stages, options, attention, self._pool, self._n_threads)
        is_short = attention.max_ms <= SHORT_MS or path.stat().st_size <= SHORT_BYTES
        turns = self._short_turns if is_short else self._long_turns
        with turns.turn(attention.is_wanted):
            try:
                return run.transcribe(path)
            finally:
                run.give_up()  # whatever is still in line

    def close(self) -> None:
        """Wait for what is being recognised, and end the threads."""
        self._pool.shutdown(cancel_futures=True)


class _Run:
    """The state of one transcript."""

    def __init__(
        self,
        stages: Stages,
        options: TranscriptOptions,
        attention: Attention,
        pool: ThreadPoolExecutor,
        n_ahead: int,
    ) -> None:
        self._stages = stages
        self._options = options
        self._attention = attention
        self._pool = pool
        self._room = BoundedSemaphore(n_ahead)
        self._planner = Planner(options, stages.recognizers)
        self._diarizer: Diarizer | None = stages.diarizer_for(options)
        self._waiting: list[Chunk] = []  # for the plan, while the language is being detected
        self._under_way: deque[Future[_Heard]] = deque()
        self._words: list[Word] = []
        self._voices: list[Voices] = []

    def transcribe(self, path: Path) -> TranscriptResult:
        options, stages = self._options, self._stages
        size = JOB_CHUNKS if self._attention.take_words is None else STREAMED_CHUNKS
        recording = decode_to_chunks(
            path, options, stages, self._take, self._require_allowed, size=size
        )
        plan = self._decide(self._planner.conclude)
        assert plan is not None
        self._submit(plan)
        while self._under_way:
            self._hear_next(plan)
        notice = stages.recognizers.notice(plan.engine, plan.hints(options))
        recording = recording.with_warning(notice)
        return assemble_transcript(self._words, recording, options, plan, self._voices)

    def give_up(self) -> None:
        for future in self._under_way:
            future.cancel()

    def _take(self, chunk: Chunk) -> None:
        end_samples = chunk.start_samples + len(chunk.pcm)
        self._require_allowed(samples_to_ms(end_samples, SAMPLE_RATE))
        self._require_wanted()
        self._waiting.append(chunk)
        plan = self._decide(partial(self._planner.hear, chunk))
        if plan is not None:
            self._submit(plan)
            while self._under_way and self._under_way[0].done():
                self._hear_next(plan)

    def _decide(self, decide: Callable[[], Plan | None]) -> Plan | None:
        """The plan, if it is made by now; where nobody speaks, one that needs no language.

        Telling languages apart is as much work as recognising, and waits its turn with that.
        """
        if self._planner.plan is not None:
            return self._planner.plan
        try:
            return self._pool.submit(decide).result()
        except NoSpokenAudio:  # an answer without words says as much
            options = replace(self._options, language_code=ENGLISH, language_detection=None)
            self._planner = Planner(options, self._stages.recognizers)
            return self._planner.plan

    def _submit(self, plan: Plan) -> None:
        for chunk in self._waiting:
            self._room.acquire()
            future = self._pool.submit(self._recognize, chunk, plan)
            future.add_done_callback(lambda _: self._room.release())
            self._under_way.append(future)
        self._waiting.clear()

    def _recognize(self, chunk: Chunk, plan: Plan) -> _Heard:
        self._require_wanted()
        with self._stages.recognizers.lease(plan.engine) as recognizer:
            words = recognize_chunk(chunk, recognizer, plan.hints(self._options))
        if self._diarizer is None:
            return words, None
        return words, hear_voices(chunk, words, self._diarizer)

    def _hear_next(self, plan: Plan) -> None:
        """Wait for the words of the next part, and pass them on."""
        words, voices = self._under_way.popleft().result()
        self._words.extend(words)
        if voices is not None:
            self._voices.append(voices)
        if words and self._attention.take_words is not None:
            self._attention.take_words(format_as_planned(words, self._options, plan))

    def _require_allowed(self, duration_ms: int | None) -> None:
        if duration_ms is not None and duration_ms > self._attention.max_ms:
            raise ClipTooLong(duration_ms, self._attention.max_ms)

    def _require_wanted(self) -> None:
        if not self._attention.is_wanted():
            raise Abandoned


def be_nice(niceness: int) -> None:
    """Have this thread give way to others; only Linux lets one thread do so."""
    if niceness and sys.platform == "linux":
        # Not by its own: it has inherited that of a thread that may be nice already.
        ours = os.getpriority(os.PRIO_PROCESS, os.getpid())
        os.setpriority(os.PRIO_PROCESS, get_native_id(), ours + niceness)
