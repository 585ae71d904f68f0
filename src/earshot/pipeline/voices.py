"""The voices of a recording: heard chunk by chunk, and told apart once all have been heard."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from earshot.audio.waveform import SAMPLE_RATE, Waveform
from earshot.diarization.attribution import attribute_speakers
from earshot.diarization.clustering import group_tracks
from earshot.diarization.diarizer import Diarizer, Stretch, Track
from earshot.diarization.speakers import Speaker
from earshot.errors import DiarizerFailed
from earshot.pipeline.chunks import Chunk
from earshot.transcript.options import SpeakerOptions
from earshot.transcript.times import samples_to_ms
from earshot.transcript.tracks import split_by_channel
from earshot.transcript.words import Word

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(frozen=True, slots=True)
class Voices:
    """Who was heard in one chunk, in ms from the start of the recording."""

    channel: int | None
    tracks: tuple[Track, ...]

    def to_bytes(self) -> bytes:
        """The voices as a file in NumPy's own format; `from_bytes` reads it."""
        stretches = [(s.start_ms, s.end_ms) for track in self.tracks for s in track.stretches]
        embeddings = [track.embedding for track in self.tracks if track.embedding is not None]
        facts = [
            (len(track.stretches), track.embedding is not None, track.clean_ms)
            for track in self.tracks
        ]
        file = io.BytesIO()
        np.savez(
            file,
            channel=np.array(self.channel or 0, dtype=np.int64),
            stretches=np.array(stretches, dtype=np.int64).reshape(-1, 2),
            embeddings=np.array(embeddings, dtype=np.float32),
            facts=np.array(facts, dtype=np.int64).reshape(-1, 3),
        )
        return file.getvalue()

    @staticmethod
    def from_bytes(content: bytes) -> "Voices":
        with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
            stretches = iter(arrays["stretches"].tolist())
            embeddings = iter(arrays["embeddings"])
            tracks = tuple(
                Track(
                    tuple(Stretch(*next(stretches)) for _ in range(n_stretches)),
                    next(embeddings) if has_embedding else None,
                    clean_ms,
                )
                for n_stretches, has_embedding, clean_ms in arrays["facts"].tolist()
            )
            return Voices(int(arrays["channel"]) or None, tracks)


def hear_voices(chunk: Chunk, words: Sequence[Word], diarizer: Diarizer) -> Voices:
    """The voices of the chunk, of which `words` are; none where nothing was said.

    Raises DiarizerFailed.
    """
    return Voices(chunk.channel, find_tracks(chunk, diarizer) if words else ())


def find_tracks(chunk: Chunk, diarizer: Diarizer) -> tuple[Track, ...]:
    """The voices of the chunk, in ms from the start of the recording; none where nobody speaks.

    Raises DiarizerFailed.
    """
    speech = chunk.speech
    try:
        tracks = diarizer.find_tracks(Waveform(chunk.samples), speech) if speech else []
    except Exception as error:
        raise DiarizerFailed(error) from error
    offset_ms = samples_to_ms(chunk.start_samples, SAMPLE_RATE)
    return tuple(_moved(track, offset_ms) for track in tracks)


@dataclass(frozen=True, slots=True)
class SpokenWords:
    """Words, each with the label of its speaker, and what is known of the speakers by label."""

    words: tuple[Word, ...]
    speakers: Mapping[str, Speaker]


def tell_speakers(
    words: Iterable[Word], voices: Iterable[Voices], options: SpeakerOptions, duration_ms: int
) -> SpokenWords:
    """The words with who said them, each channel's speakers by themselves.

    The labels hold these words together until `label_speakers` names them as the caller reads them.
    """
    tracks: dict[int | None, list[Track]] = {}
    for heard in voices:
        tracks.setdefault(heard.channel, []).extend(heard.tracks)
    spoken: list[Word] = []
    speakers: dict[str, Speaker] = {}
    for channel_words in split_by_channel(tuple(words)):
        channel = channel_words[0].channel
        found = group_tracks(tracks.get(channel, ()), options, duration_ms)
        names = [f"{channel or ''}#{index}" for index in range(max(1, len(found)))]
        speakers.update(zip(names, found, strict=False))
        in_order = sorted(channel_words, key=lambda word: word.start_ms)
        indexes = attribute_speakers(in_order, found)
        spoken += [
            replace(word, speaker=names[index])
            for word, index in zip(in_order, indexes, strict=True)
        ]
    return SpokenWords(tuple(spoken), speakers)


def label_speakers(words: Sequence[Word], speakers: Mapping[str, Speaker]) -> SpokenWords:
    """The same with the labels of the API: A, B, ... by first word; 1A, 1B, 2A on channels.

    "Speakers A, B ... in order of first appearance"; after Z comes AA.
    """
    labels: dict[str | None, str] = {}
    n_speakers: dict[int | None, int] = {}
    for word in words:
        if word.speaker not in labels:
            n_before = n_speakers.get(word.channel, 0)
            n_speakers[word.channel] = n_before + 1
            labels[word.speaker] = f"{word.channel or ''}{_letters(n_before)}"
    return SpokenWords(
        tuple(replace(word, speaker=labels[word.speaker]) for word in words),
        {labels[name]: speaker for name, speaker in speakers.items() if name in labels},
    )


def _letters(index: int) -> str:
    """A, B, ... Z, AA, AB, ..."""
    before, letter = divmod(index, len(LETTERS))
    return (_letters(before - 1) if before else "") + LETTERS[letter]


def _moved(track: Track, offset_ms: int) -> Track:
    stretches = (Stretch(s.start_ms + offset_ms, s.end_ms + offset_ms) for s in track.stretches)
    return replace(track, stretches=tuple(stretches))
