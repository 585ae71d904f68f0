"""The words of all chunks become one transcript."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from earshot.diarization.speakers import Speaker
from earshot.formatting.formatter import format_words
from earshot.pipeline.known_voices import KnownVoices, name_speakers
from earshot.pipeline.plan import Plan
from earshot.pipeline.voices import Voices, label_speakers, tell_speakers
from earshot.transcript.options import TranscriptOptions
from earshot.transcript.result import TranscriptResult
from earshot.transcript.tracks import split_by_channel
from earshot.transcript.words import Utterance, Word

# A pause after which the same voice starts a new utterance, if another channel's spoke in it.
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
    words: Iterable[Word],
    recording: Recording,
    options: TranscriptOptions,
    plan: Plan,
    voices: Iterable[Voices] = (),
    known: KnownVoices | None = None,
) -> TranscriptResult:
    """The finished transcript: words formatted, by start time, and gathered into utterances.

    Words bear a channel where channels were transcribed apart. `voices` are those of all chunks,
    where speakers were asked for; they are compared with those that are `known`, where that was.
    """
    spoken = tuple(words)
    speakers: Mapping[str, Speaker] = {}
    if options.speakers is not None:
        told = tell_speakers(spoken, voices, options.speakers, recording.duration_ms)
        spoken, speakers = told.words, told.speakers
    # Formatting joins no words of two speakers, and may leave out all words of one.
    formatted = format_as_planned(spoken, options, plan)
    if options.speakers is not None:
        labelled = label_speakers(formatted, speakers)
        formatted, speakers = labelled.words, labelled.speakers
    has_turns = options.speakers is not None or recording.n_channels is not None
    return TranscriptResult(
        words=formatted,
        utterances=gather_utterances(formatted) if has_turns else None,
        duration_ms=recording.duration_ms,
        n_channels=recording.n_channels,
        language_code=plan.language_code,
        engine=plan.engine,
        warnings=(*recording.warnings, *plan.warnings, *(known.warnings if known else ())),
        language_finding=plan.finding,
        known_speakers=None if known is None else name_speakers(formatted, speakers, known),
    )


def format_as_planned(
    words: Sequence[Word], options: TranscriptOptions, plan: Plan
) -> tuple[Word, ...]:
    """The words as the options say, by the rules of their language, which may be one found out."""
    language_code = plan.language_of_words(options)
    return format_words(words, replace(options, language_code=language_code))


def gather_utterances(words: Sequence[Word]) -> tuple[Utterance, ...]:
    """Utterances of all channels by start time; a speaker's runs join where no other interrupts."""
    runs = [run for channel in split_by_channel(words) for run in _runs(channel)]
    runs.sort(key=lambda run: run[0].start_ms)
    joined: list[list[Word]] = []
    for run in runs:
        if joined and _voice_of(joined[-1][-1]) == _voice_of(run[0]):
            joined[-1].extend(run)
        else:
            joined.append(run)
    return tuple(
        Utterance(tuple(run), run[0].speaker or str(run[0].channel), run[0].channel)
        for run in joined
    )


def _voice_of(word: Word) -> tuple[int | None, str | None]:
    return word.channel, word.speaker


def _runs(words: Sequence[Word]) -> list[list[Word]]:
    runs: list[list[Word]] = []
    for word in words:
        last = runs[-1][-1] if runs else word
        pause_ms = word.start_ms - last.end_ms
        if runs and last.speaker == word.speaker and pause_ms < UTTERANCE_PAUSE_MS:
            runs[-1].append(word)
        else:
            runs.append([word])
    return runs
