"""`custom_formatting`: the text with its dates, phone numbers and addresses in one form each."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from earshot.transcript.findings import FeatureName, Findings, FormattedText
from earshot.transcript.options import UnderstandingOptions, ValueFormats
from earshot.transcript.punctuation import SENTENCE_MARKS
from earshot.transcript.words import Word, join_words
from earshot.understanding.entities.detection import Entity, detect_entities
from earshot.understanding.entities.reading import read_words
from earshot.understanding.feature import FinishedTranscript
from earshot.understanding.value_formats import format_date, format_email, format_phone

NOT_ENGLISH = (
    "custom_formatting knows how dates and numbers are spoken in English; of this language it "
    "forms only what is written in figures"
)

# Looked through at once: a minute or two of speech.
MIN_WORDS = 200
MAX_WORDS = 400

Form = Callable[[str], str | None]


class CustomFormattingFeature:
    """Values that were said, written as the caller wants them; what is not sure stays."""

    name: FeatureName = "custom_formatting"
    is_english_only = False  # figures are found in every language

    def is_asked_for(self, options: UnderstandingOptions) -> bool:
        return options.value_formats is not None

    def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
        assert options.value_formats is not None  # it was asked for
        forms = _forms_of(options.value_formats, transcript.language_code)
        changes: dict[str, str] = {}
        text = format_values(transcript.words, forms, changes)
        utterances = None
        if options.value_formats.by_utterance and transcript.utterances is not None:
            utterances = tuple(
                format_values(utterance.words, forms, changes)
                for utterance in transcript.utterances
            )
        found = Findings(formatted=FormattedText(changes, text, utterances))
        return found.by(self.name, "patterns", None if transcript.is_english else NOT_ENGLISH)


def format_values(words: Sequence[Word], forms: Mapping[str, Form], changes: dict[str, str]) -> str:
    """The text of the words with their values in form; adds to `changes` what it changes."""
    stretches = (_format_stretch(stretch, forms, changes) for stretch in _stretches(words))
    return " ".join(text for text in stretches if text)


def _stretches(words: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """The words in stretches, cut behind a sentence where there is one.

    A pattern that looks through hours of words in one go keeps the process from all else.
    """
    start = 0
    for end, word in enumerate(words, start=1):
        n_words = end - start
        if n_words == MAX_WORDS or (n_words >= MIN_WORDS and word.text.endswith(SENTENCE_MARKS)):
            yield words[start:end]
            start = end
    if start < len(words):
        yield words[start:]


def _format_stretch(
    words: Sequence[Word], forms: Mapping[str, Form], changes: dict[str, str]
) -> str:
    pieces: list[str] = []
    behind = 0
    for entity in detect_entities(words):
        form = forms.get(entity.entity_type)
        said = words[entity.first : entity.end]
        written = None if form is None else form(read_words(said).text)
        if written is None or entity.first < behind:
            continue  # the second: two entities in one word
        value = _value_of(entity)
        around = join_words(said).partition(value)
        pieces += [join_words(words[behind : entity.first]), around[0] + written + around[2]]
        behind = entity.end
        if written != value:
            changes[value] = written
    pieces.append(join_words(words[behind:]))
    return " ".join(piece for piece in pieces if piece)


def _value_of(entity: Entity) -> str:
    """What was said of it, without a bracket that is closed behind it."""
    text = entity.text
    return text[1:] if text.startswith("(") and ")" not in text else text


def _forms_of(wanted: ValueFormats, language_code: str) -> dict[str, Form]:
    """Type of entity -> how one is written."""
    forms: dict[str, Form] = {}
    if (day := wanted.date) is not None:
        forms["date"] = forms["date_of_birth"] = lambda text: format_date(text, day, language_code)
    if (number := wanted.phone_number) is not None:
        forms["phone_number"] = lambda text: format_phone(text, number)
    if (address := wanted.email) is not None:
        forms["email_address"] = lambda text: format_email(text, address)
    return forms
