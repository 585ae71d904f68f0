"""The language that a recording is taken to be in, by what a detector says and what was asked."""

from collections.abc import Mapping, Sequence

from earshot.errors import LanguageUncertain, NoSpokenAudio
from earshot.recognition.language import ENGLISH, UNDETERMINED
from earshot.recognition.language_codes import language_of
from earshot.transcript.options import LanguageDetection
from earshot.transcript.result import LanguageFinding

Probabilities = Mapping[str, float]  # language -> probability


def decide_language(
    probabilities: Probabilities, detection: LanguageDetection
) -> tuple[str, LanguageFinding]:
    """The code of the language, and how sure it is.

    Raises NoSpokenAudio where nothing was heard, LanguageUncertain under the threshold.
    """
    if not probabilities:
        raise NoSpokenAudio
    heard = _named(probabilities, detection.expected_languages)
    expected = _expected(heard, detection.expected_languages)
    best = _likeliest(heard)
    if best not in expected:
        best = detection.fallback_language or _likeliest(expected)
    switched = _switched(expected) if detection.code_switching else None
    if switched is not None:
        best = _route(switched, detection.code_switching_threshold)
    confidence = heard.get(language_of(best), 0.0)
    if confidence < detection.confidence_threshold:
        if not detection.falls_back:
            raise LanguageUncertain(best, confidence, detection.confidence_threshold)
        best = detection.fallback_language or best
        confidence = heard.get(language_of(best), 0.0)
    if detection.swiss_german and best == "de":
        best = "de_ch"
    return best, LanguageFinding(confidence, switched)


def _named(probabilities: Probabilities, codes: Sequence[str]) -> dict[str, float]:
    """The probabilities, where what a detector cannot name goes to the one that is expected.

    A detector that knows English only says `und` of all others: if one other is expected, it is
    that one.
    """
    heard = dict(probabilities)
    unknown = {language_of(code) for code in codes} - set(heard)
    if UNDETERMINED in heard and len(unknown) == 1:
        heard[unknown.pop()] = heard.pop(UNDETERMINED)
    return heard


def _expected(heard: Probabilities, codes: Sequence[str]) -> dict[str, float]:
    """Of what was heard, the languages of these codes; all of it where there are none."""
    if not codes:
        return dict(heard)
    languages = [language_of(code) for code in codes]
    expected = {language: heard.get(language, 0.0) for language in languages}
    if UNDETERMINED in heard and set(languages) != {ENGLISH}:
        expected[UNDETERMINED] = heard[UNDETERMINED]  # it may be any of them
    return expected


def _likeliest(probabilities: Probabilities) -> str:
    return max(probabilities, key=lambda language: probabilities[language])


def _switched(expected: Probabilities) -> tuple[tuple[str, float], ...]:
    """The two likeliest languages, the likeliest first."""
    ranked = sorted(expected.items(), key=lambda item: -item[1])
    return tuple(ranked[:2])


def _route(switched: Sequence[tuple[str, float]], threshold: float) -> str:
    """Which of two languages is transcribed where speakers switch between them.

    "non-English conf >= threshold -> use it; below -> highest of both; both non-English ->
    highest". A language without a name cannot be chosen over English by less than being likelier.
    """
    others = [
        language
        for language, confidence in switched
        if language not in (ENGLISH, UNDETERMINED) and confidence >= threshold
    ]
    has_english = any(language == ENGLISH for language, _ in switched)
    return others[0] if has_english and others else switched[0][0]
