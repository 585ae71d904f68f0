"""A finished transcript, redacted if so asked, with what is to be found out about it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import partial

from earshot.errors import ModelNotInLanguage, NamesNotInstalled, RequestNotUnderstood
from earshot.pipeline.assembly import gather_utterances
from earshot.transcript.findings import Findings
from earshot.transcript.options import (
    OwnTerms,
    RedactionOptions,
    TranscriptOptions,
    UnderstandingOptions,
)
from earshot.transcript.redaction_policies import (
    can_be_hidden,
    policies_for_a_tagger,
    types_hidden_by,
)
from earshot.transcript.result import KnownSpeaker, TranscriptResult, Unredacted
from earshot.transcript.words import Utterance, Word, join_words, label_of
from earshot.understanding.entities.candidates import Tagger
from earshot.understanding.entities.shared_tagger import SharedTagger
from earshot.understanding.feature import Feature, FinishedTranscript, SpeechTranslation
from earshot.understanding.find_out import find_out
from earshot.understanding.redaction.redact import redact_words

_NAME = "person_name"


def understand(
    result: TranscriptResult,
    options: TranscriptOptions,
    features: Sequence[Feature],
    *,
    project: str = "default",
    tagger: Tagger | None = None,
) -> TranscriptResult:
    """The result with findings, made from its own words alone: redacted where they are.

    Of features one may fail; a redaction that fails fails the transcript.
    """
    shared = share_tagger(tagger)
    shown = redact(result, options.redaction, shared)
    if options.understanding.asks_nothing:
        return shown
    transcript = finished_transcript(
        shown, result.words, project, redaction=options.redaction, tagger=shared
    )
    return with_findings(shown, find_out(transcript, options.understanding, features))


def understand_finished(
    result: TranscriptResult,
    options: UnderstandingOptions,
    features: Sequence[Feature],
    *,
    project: str,
    redaction: RedactionOptions | None = None,
) -> TranscriptResult:
    """A stored result with findings of what is asked for now, and no others.

    It was redacted before it was stored: what is hidden in it, no feature is given to read.
    """
    transcript = finished_transcript(result, result.words, project, redaction=redaction)
    return with_findings(result, find_out(transcript, options, features))


def with_findings(result: TranscriptResult, findings: Findings) -> TranscriptResult:
    """The result with the findings, its speakers under the names that were found out.

    "`speaker` in utterances and words replaced": what else tells of a speaker, too.
    """
    found = replace(result, findings=findings)
    names = findings.speaker_names
    return found if not names else _with_names(found, names)


def _with_names(result: TranscriptResult, names: Mapping[str, str]) -> TranscriptResult:
    known, said = result.known_speakers, result.unredacted
    return replace(
        result,
        findings=result.findings and _with_named_sentiments(result.findings, names),
        words=_named_words(result.words, names),
        utterances=_named_utterances(result.utterances, names),
        known_speakers=known
        and tuple(replace(one, speaker=names.get(one.speaker, one.speaker)) for one in known),
        unredacted=said
        and replace(
            said,
            words=_named_words(said.words, names),
            utterances=_named_utterances(said.utterances, names),
        ),
    )


def _with_named_sentiments(findings: Findings, names: Mapping[str, str]) -> Findings:
    if findings.sentiments is None:
        return findings
    named = (
        replace(one, speaker=names.get(label_of(one.speaker, one.channel) or "", one.speaker))
        for one in findings.sentiments
    )
    return replace(findings, sentiments=tuple(named))


def _named_words(words: Sequence[Word], names: Mapping[str, str]) -> tuple[Word, ...]:
    return tuple(
        replace(word, speaker=names.get(label_of(word.speaker, word.channel) or "", word.speaker))
        for word in words
    )


def _named_utterances(
    utterances: Sequence[Utterance] | None, names: Mapping[str, str]
) -> tuple[Utterance, ...] | None:
    if utterances is None:
        return None
    return tuple(
        replace(
            one,
            words=_named_words(one.words, names),
            speaker=names.get(one.speaker, one.speaker),
        )
        for one in utterances
    )


def share_tagger(tagger: Tagger | None) -> Tagger | None:
    """One for one transcript, which is redacted by what it finds, and then read once more."""
    return None if tagger is None else SharedTagger(tagger)


def finished_transcript(
    shown: TranscriptResult,
    spoken: tuple[Word, ...],
    project: str,
    require_wanted: Callable[[], None] = lambda: None,
    redaction: RedactionOptions | None = None,
    translation: SpeechTranslation | None = None,
    tagger: Tagger | None = None,
) -> FinishedTranscript:
    """What features are given: of all that may be shown, and the words as they were spoken."""
    return FinishedTranscript(
        words=shown.words,
        language_code=shown.language_code,
        project=project,
        spoken=spoken,
        utterances=shown.utterances,
        known_names={one.speaker: one.name for one in shown.known_speakers or ()},
        require_wanted=require_wanted,
        hides_name=partial(_hides_name, redaction),
        is_redacted=redaction is not None,
        translation=translation,
        tagger=tagger,
    )


def redact(
    result: TranscriptResult,
    redaction: RedactionOptions | None,
    tagger: Tagger | None = None,
) -> TranscriptResult:
    """The result of whose words, utterances and names everything may be shown.

    Raises as `require_redactable` does, and NamesNotInstalled where only a tagger would find what
    is to be hidden and there is none.
    """
    if redaction is None:
        return result
    require_redactable(result.language_code, redaction)
    if tagger is None and (needing := policies_for_a_tagger(redaction.policies)):
        raise NamesNotInstalled(needing)
    words = redact_words(result.words, redaction, tagger)
    utterances = None if result.utterances is None else gather_utterances(words)
    said = Unredacted(result.words, result.utterances) if redaction.keeps_unredacted else None
    return replace(
        result,
        words=words,
        utterances=utterances,
        known_speakers=_hide_names(result.known_speakers, redaction),
        unredacted=said,
    )


def require_redactable(language_code: str, redaction: RedactionOptions | None) -> None:
    """ModelNotInLanguage where what is to be hidden would stay readable in that language.

    RequestNotUnderstood where a newer version wrote the request.
    """
    if redaction is None:
        return
    if redaction.not_understood:
        raise RequestNotUnderstood
    if not can_be_hidden(redaction, language_code):
        raise ModelNotInLanguage("redact_pii")


def _hide_names(
    known: tuple[KnownSpeaker, ...] | None, redaction: RedactionOptions
) -> tuple[KnownSpeaker, ...] | None:
    """The speakers under names of which no more can be read than if they had been said."""
    if known is None:
        return None
    return tuple(replace(speaker, name=_hide_name(speaker.name, redaction)) for speaker in known)


def _hides_name(redaction: RedactionOptions | None, name: str) -> bool:
    return redaction is not None and _hide_name(name, redaction) != name


def _hide_name(name: str, redaction: RedactionOptions) -> str:
    if _NAME in types_hidden_by(redaction.policies):
        its_own = OwnTerms(_NAME, (name,))  # whatever it looks like, it is one
        redaction = replace(redaction, own_terms=(*redaction.own_terms, its_own))
    return join_words(redact_words([Word(part, 0, 0, 1.0) for part in name.split()], redaction))
