"""`entity_detection`: what is named in a transcript, by type."""

from earshot.transcript.entity_types import NEEDING_A_TAGGER
from earshot.transcript.findings import FeatureName, Findings, FoundEntity
from earshot.transcript.options import UnderstandingOptions
from earshot.understanding.entities.detection import detect_entities
from earshot.understanding.feature import FinishedTranscript

NOTICE = "entity_detection does not find these types yet: " + ", ".join(sorted(NEEDING_A_TAGGER))


class EntitiesFeature:
    """Entities of the types that have a form, in the words as they were said.

    "Entities may still hold PII": they are not redacted.
    """

    name: FeatureName = "entity_detection"
    is_english_only = False  # written forms are found in every language

    def is_asked_for(self, options: UnderstandingOptions) -> bool:
        return options.entities

    def find(self, transcript: FinishedTranscript, options: UnderstandingOptions) -> Findings:
        del options  # there is nothing to choose
        found = detect_entities(transcript.spoken or transcript.words)
        entities = tuple(
            FoundEntity(entity.entity_type, entity.text, entity.start_ms, entity.end_ms)
            for entity in found
        )
        return Findings(entities=entities).by(self.name, "patterns", NOTICE)
