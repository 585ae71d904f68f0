"""The words of all chunks become one transcript."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from earshot.formatting.formatter import format_words
from earshot.pipeline.plan import Plan
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.result import TranscriptResult
from earshot.transcript.tracks import split_by_channel
from earshot.transcript.words import Utterance, Word

# A pause after which the same channel starts a new utterance, if another one spoke in it.
UTTERANCE_PAUSE_MS = 700


@dataclass(frozen=True, slots=True)
class Recording:
    """What decoding found out about a recording; `n_channels` are those transcribed apart."""

    duration_ms: int
    n_channels: int | None
    warnings: tuple[str, ...]

    def with_warning(self, warning: str | None) -> "Recording":
        """The same with one more thing to tell the caller, if there is one."""
        return self if warning is None else replace(self, warnings=(*self.warnings, warning))


def assemble_transcript(
    words: Iterable[Word], recording: Recording, options: TranscriptOptions, plan: Plan
) -> TranscriptResult:
    """The finished transcript: words formatted, by start time, and gathered into utterances.

    Words bear a channel where channels were transcribed apart.
    """
    formatted = format_words(tuple(words), options)
    return TranscriptResult(
        words=formatted,
        utterances=None if recording.n_channels is None else gather_utterances(formatted),
        duration_ms=recording.duration_ms,
        n_channels=recording.n_channels,
        language_code=plan.language_code,
        engine=plan.engine,
        warnings=(*recording.warnings, *plan.warnings),
        language_finding=plan.finding,
    )


def gather_utterances(words: Sequence[Word]) -> tuple[Utterance, ...]:
    """Utterances of all channels by start time; a channel's runs join where no other interrupts."""
    runs = [run for channel in split_by_channel(words) for run in _runs(channel)]
    runs.sort(key=lambda run: run[0].start_ms)
    joined: list[list[Word]] = []
    for run in runs:
        if joined and joined[-1][-1].channel == run[0].channel:
            joined[-1].extend(run)
        else:
            joined.append(run)
    return tuple(
        Utterance(tuple(run), speaker=str(run[0].channel), channel=run[0].channel) for run in joined
    )


def _runs(words: Sequence[Word]) -> list[list[Word]]:
    runs: list[list[Word]] = []
    for word in words:
        if runs and word.start_ms - runs[-1][-1].end_ms < UTTERANCE_PAUSE_MS:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs
