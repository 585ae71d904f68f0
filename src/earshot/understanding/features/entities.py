"""`entity_detection`: what is named in a transcript, by type."""

from earshot.transcript.entity_types import NEEDING_A_TAGGER
from earshot.transcript.findings import FeatureName, Findings, FoundEntity
from earshot.transcript.options import UnderstandingOptions
from earshot.understanding.entities.candidates import Tagger
from earshot.understanding.entities.detection import detect_entities
from earshot.understanding.feature import FinishedTranscript

_OPEN_CLASSES = ", ".join(sorted(NEEDING_A_TAGGER))
NOT_FOUND = f"entity_detection does not find these types in this language: {_OPEN_CLASSES}"
NOTICE = (
    f"entity_detection finds fewer of these types than it could: {_OPEN_CLASSES}; "
    "run: earshot models pull minilm"
)


class EntitiesFeature:
    """Entities of all types, in the words as they were said.

    "Entities may still hold PII": they are not redacted. What has no form is found by a tagger, in
    English; without an encoder that goes by the words and their shapes alone.
    """

    name: FeatureName = "entity_detection"
    is_english_only = False  # written forms are found in every language

    def __init__(self, tagger: Tagger | None = None, *, has_encoder: bool = False) -> None:
        self._tagger = tagger
        self._has_encoder = has_encoder

    def is_asked_for(self, options: UnderstandingOptions) -> bool:
        return options.entities

    def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
        del options  # there is nothing to choose
        tagger = (transcript.tagger or self._tagger) if transcript.is_english else None
        found = detect_entities(transcript.spoken or transcript.words, tagger)
        findings = Findings(
            entities=tuple(
                FoundEntity(entity.entity_type, entity.text, entity.start_ms, entity.end_ms)
                for entity in found
            )
        )
        if tagger is None:
            return findings.by(self.name, "patterns", NOT_FOUND)
        if not self._has_encoder:
            return findings.by(self.name, "words", NOTICE)
        return findings.by(self.name, "encoder")
