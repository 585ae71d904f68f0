"""The voices that a project knows, and the speakers of a transcript who are recognised by them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from earshot.diarization.known_voices import KnownVoice, recognize_speakers
from earshot.diarization.speakers import Speaker
from earshot.storage.known_voices import list_known_voices
from earshot.transcript.result import KnownSpeaker
from earshot.transcript.words import Word

NONE_KNOWN = "name_known_voices names nobody: no voice is enrolled in this project"


@dataclass(frozen=True, slots=True)
class KnownVoices:
    """What a project knows voices by; `n_unusable` of them were enrolled with another model."""

    voices: tuple[KnownVoice, ...]
    n_unusable: int = 0

    @property
    def warnings(self) -> tuple[str, ...]:
        """What the caller should know about why nobody, or not everybody, can be named."""
        if self.n_unusable:
            return (
                f"name_known_voices passes over {self.n_unusable} of the enrolled voices: another "
                "model heard them; enroll them again",
            )
        return () if self.voices else (NONE_KNOWN,)


def load_known_voices(conn: sa.Connection, project_id: str, engine: str) -> KnownVoices:
    """The voices of the project, as far as they can be compared with what the engine hears."""
    rows = list_known_voices(conn, project_id)
    voices = tuple(KnownVoice(row.name, row.embedding) for row in rows if row.engine == engine)
    return KnownVoices(voices, n_unusable=len(rows) - len(voices))


def name_speakers(
    words: Sequence[Word], speakers: Mapping[str, Speaker], known: KnownVoices
) -> tuple[KnownSpeaker, ...]:
    """Whoever of the labelled speakers is known, in the order in which they first speak.

    Each channel by itself: one person may be heard on two.
    """
    channels: dict[str, int | None] = {}  # in the order of the labels' first words
    for word in words:
        if word.speaker is not None and word.speaker in speakers:
            channels.setdefault(word.speaker, word.channel)
    found: dict[str, KnownSpeaker] = {}
    for channel in set(channels.values()):
        of_channel = {label: speakers[label] for label, its in channels.items() if its == channel}
        for one in recognize_speakers(of_channel, known.voices):
            found[one.speaker] = one
    return tuple(found[label] for label in channels if label in found)
