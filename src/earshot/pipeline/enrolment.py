"""Getting to know a voice: one person's recordings become one vector under a name."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from earshot.diarization.clustering import group_tracks
from earshot.diarization.diarizer import Diarizer, Embedding, Stretch, Track
from earshot.diarization.known_voices import (
    DEFAULT_MATCH_POLICY,
    MatchPolicy,
    join_embeddings,
    similarity,
)
from earshot.diarization.speakers import Speaker
from earshot.errors import (
    CallerError,
    RecordingRefused,
    SeveralVoices,
    SpeakersNotInstalled,
    VoiceKnownAlready,
    VoiceTooShort,
    VoiceUnlike,
)
from earshot.pipeline.chunks import Chunk
from earshot.pipeline.decoding import decode_to_chunks
from earshot.pipeline.stages import Stages
from earshot.pipeline.voices import find_tracks
from earshot.storage.known_voices import (
    KnownVoiceRow,
    hold_known_voices,
    insert_known_voice,
    update_known_voice,
)
from earshot.transcript.options import SpeakerOptions, TranscriptOptions


@dataclass(frozen=True, slots=True)
class EnrolmentPolicy:
    """What a recording must be for a voice to be known by it.

    One person speaks alone for `min_clean_ms` or more, and others for `max_other_share` of all
    speech or less: a breath or a word of somebody else does no harm. Its cosine with what is known
    under the same name is `min_similarity` or more. That is less than it takes to be named, as
    somebody vouches for who it is: the same person over a telephone is to be let in.
    """

    min_clean_ms: int = 5_000
    max_other_share: float = 0.2
    min_similarity: float = 0.3


DEFAULT_ENROLMENT_POLICY = EnrolmentPolicy()


@dataclass(frozen=True, slots=True, eq=False)
class VoiceSample:
    """What the one person of a recording sounds like to `engine`, from `clean_ms` of speech."""

    file_name: str
    engine: str
    embedding: Embedding
    clean_ms: int


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the project knows now; `replaced` is what it knew by the same name from another engine.

    It could not be compared, and is gone.
    """

    voice: KnownVoiceRow
    replaced: KnownVoiceRow | None


def hear_samples(
    paths: Sequence[Path], stages: Stages, policy: EnrolmentPolicy = DEFAULT_ENROLMENT_POLICY
) -> list[VoiceSample]:
    """What the voice in each of the media files sounds like; blocks.

    Raises RecordingRefused for the first file that cannot be used, and SpeakersNotInstalled.
    """
    if stages.diarizer is None:
        raise SpeakersNotInstalled
    samples = []
    for path in paths:
        try:
            samples.append(_hear_sample(path, stages, stages.diarizer, policy))
        except CallerError as error:
            raise RecordingRefused(path.name, error) from error
    return samples


def enroll_voice(
    conn: sa.Connection,
    project_id: str,
    name: str,
    samples: Sequence[VoiceSample],
    now: datetime,
    policy: EnrolmentPolicy = DEFAULT_ENROLMENT_POLICY,
    match_policy: MatchPolicy = DEFAULT_MATCH_POLICY,
) -> Enrolment:
    """The project's voice of that name, which now is what was known of it and the samples together.

    What another engine knew of it is replaced, which the caller is to tell. Raises RecordingRefused
    for a sample that sounds like somebody else, and VoiceKnownAlready for a voice that bears
    another name in the project.
    """
    held = {row.name: row for row in hold_known_voices(conn, project_id)}
    before = held.pop(name, None)
    known: KnownVoiceRow | None = before
    for sample in samples:
        if known is None or known.engine != sample.engine:
            known = _first(project_id, name, sample, now)
        elif similarity(known.embedding, sample.embedding) < policy.min_similarity:
            raise RecordingRefused(sample.file_name, VoiceUnlike(name))
        else:
            known = _with_sample(known, sample)
    assert known is not None, "there is at least one sample"
    _require_unknown(known, held.values(), match_policy)
    store = insert_known_voice if before is None else update_known_voice
    store(conn, known)
    is_replaced = before is not None and before.engine != known.engine
    return Enrolment(known, replaced=before if is_replaced else None)


def _hear_sample(
    path: Path, stages: Stages, diarizer: Diarizer, policy: EnrolmentPolicy
) -> VoiceSample:
    tracks: list[Track] = []

    def take(chunk: Chunk) -> None:
        tracks.extend(find_tracks(chunk, diarizer))

    recording = decode_to_chunks(path, TranscriptOptions(), stages, take)
    speakers = group_tracks(tracks, SpeakerOptions(), recording.duration_ms)
    if not speakers:
        raise VoiceTooShort(0, policy.min_clean_ms)
    spoken_ms = [_sum_ms(speaker.stretches) for speaker in speakers]
    main = spoken_ms.index(max(spoken_ms))
    share = 1 - spoken_ms[main] / sum(spoken_ms)
    if share > policy.max_other_share:
        raise SeveralVoices(share)
    speaker, others = speakers[main], [*speakers[:main], *speakers[main + 1 :]]
    clean_ms = _ms_alone(speaker, others)
    if speaker.embedding is None or clean_ms < policy.min_clean_ms:
        raise VoiceTooShort(clean_ms, policy.min_clean_ms)
    return VoiceSample(path.name, diarizer.name, speaker.embedding, clean_ms)


def _ms_alone(speaker: Speaker, others: Sequence[Speaker]) -> int:
    """How long the speaker speaks while nobody else does; where others overlap, a little less."""
    disturbed = sum(
        max(0, min(own.end_ms, other.end_ms) - max(own.start_ms, other.start_ms))
        for own in speaker.stretches
        for one in others
        for other in one.stretches
    )
    return max(0, _sum_ms(speaker.stretches) - disturbed)


def _sum_ms(stretches: Sequence[Stretch]) -> int:
    return sum(stretch.duration_ms for stretch in stretches)


def _first(project_id: str, name: str, sample: VoiceSample, now: datetime) -> KnownVoiceRow:
    return KnownVoiceRow(
        project_id=project_id,
        name=name,
        engine=sample.engine,
        embedding=sample.embedding,
        clean_ms=sample.clean_ms,
        n_recordings=1,
        created_at=now,
    )


def _with_sample(known: KnownVoiceRow, sample: VoiceSample) -> KnownVoiceRow:
    return replace(
        known,
        embedding=join_embeddings(
            known.embedding, known.clean_ms, sample.embedding, sample.clean_ms
        ),
        clean_ms=known.clean_ms + sample.clean_ms,
        n_recordings=known.n_recordings + 1,
    )


def _require_unknown(
    voice: KnownVoiceRow, others: Iterable[KnownVoiceRow], policy: MatchPolicy
) -> None:
    for other in others:
        if (
            other.engine == voice.engine
            and similarity(other.embedding, voice.embedding) >= policy.min_similarity
        ):
            raise VoiceKnownAlready(other.name)
