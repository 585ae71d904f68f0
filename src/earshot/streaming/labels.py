"""Labels of speakers on the words of turns: as turns end, and once more when all was heard."""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from earshot.diarization.attribution import attribute_speakers
from earshot.diarization.diarizer import Stretch, Track
from earshot.diarization.speakers import Speaker
from earshot.streaming.events import LiveWord, SpeakerRevision, SpeakersRevised, TurnUpdated
from earshot.transcript.words import Word

UNKNOWN = "UNKNOWN"
# Many WebSocket clients take no message over 1 MiB; on the wire a word has about 120 bytes.
MAX_REVISED_WORDS = 4000
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def name_speaker(index: int) -> str:
    """A, B, ... Z, AA, AB, ..."""
    before, letter = divmod(index, len(LETTERS))
    return (name_speaker(before - 1) if before else "") + LETTERS[letter]


@dataclass(slots=True)
class LabelledTurn:
    """A turn that has ended, as it was last told, and its words as the recognizer wrote them."""

    turn_order: int
    words: tuple[LiveWord, ...]
    spoken: tuple[Word, ...]
    speakers: tuple[str, ...]  # of `spoken`

    @property
    def label(self) -> str:
        """Who spoke for the longest."""
        spoken_ms: Counter[str] = Counter()
        for word, speaker in zip(self.spoken, self.speakers, strict=True):
            spoken_ms[speaker] += word.duration_ms
        return max(spoken_ms, key=lambda speaker: spoken_ms[speaker])


class SpeakerNames:
    """Letters in order of first appearance in what was told."""

    def __init__(self) -> None:
        self._names: dict[Hashable, str] = {}

    def name(self, speaker: Hashable | None) -> str:
        if speaker is None:
            return UNKNOWN
        return self._names.setdefault(speaker, name_speaker(len(self._names)))


def label_words(
    words: Sequence[LiveWord], speakers: Sequence[str], spoken: Sequence[Word]
) -> tuple[LiveWord, ...]:
    """The words with the speakers of those that were spoken then.

    Formatted words may be fewer: each has the speaker of the last one that began by then.
    """
    labelled, at = [], 0
    for word in words:
        while at + 1 < len(spoken) and spoken[at + 1].start_ms <= word.start_ms:
            at += 1
        labelled.append(replace(word, speaker=speakers[at]))
    return tuple(labelled)


def spoken_words(turn: TurnUpdated) -> tuple[Word, ...]:
    """The words with the marks that tell where sentences end."""
    return tuple(
        Word(word.form or word.text, word.start_ms, word.end_ms, word.confidence)
        for word in turn.words
    )


def voices_since(
    start_ms: int, heard: Sequence[tuple[Track, int | None]]
) -> Iterator[tuple[Track, int | None]]:
    """What was heard then and later, with whose it is."""
    for track, owner in heard:
        later = tuple(
            Stretch(max(stretch.start_ms, start_ms), stretch.end_ms)
            for stretch in track.stretches
            if stretch.end_ms > start_ms
        )
        if later:
            yield replace(track, stretches=later), owner


def attribute(words: Sequence[Word], heard: Sequence[tuple[Track, int | None]]) -> list[int | None]:
    """Whose each word is; None where only voices that nobody knows are near, or none.

    `heard` are voices and whose they are, as far as that is known.
    """
    stretches: dict[int | None, list[Stretch]] = {}
    for track, owner in heard:
        stretches.setdefault(owner, []).extend(track.stretches)
    if not stretches:
        return [None] * len(words)
    speakers = [Speaker(_disjoint(mine), None) for mine in stretches.values()]
    names = list(stretches)
    return [names[index] for index in attribute_speakers(words, speakers)]


def _disjoint(stretches: Sequence[Stretch]) -> tuple[Stretch, ...]:
    """The same time in order, what overlaps as one."""
    joined: list[Stretch] = []
    for stretch in sorted(stretches, key=lambda one: one.start_ms):
        if joined and stretch.start_ms <= joined[-1].end_ms:
            last = joined.pop()
            stretch = Stretch(last.start_ms, max(last.end_ms, stretch.end_ms))
        joined.append(stretch)
    return tuple(joined)


def revise_turns(turns: Sequence[LabelledTurn], speakers: Sequence[int]) -> list[SpeakerRevision]:
    """The turns that have other speakers now; `speakers` are those of all spoken words in a row.

    A speaker keeps the label that most of their words were told with.
    """
    names = _keep_names(
        [n for turn in turns for n in turn.speakers],
        speakers,
        [w.duration_ms for turn in turns for w in turn.spoken],
    )
    revisions, at = [], 0
    for turn in turns:
        mine = tuple(names[index] for index in speakers[at : at + len(turn.spoken)])
        at += len(turn.spoken)
        if mine != turn.speakers:
            revised = replace(turn, speakers=mine)
            words = label_words(turn.words, mine, turn.spoken)
            revisions.append(SpeakerRevision(turn.turn_order, revised.label, words))
    return revisions


def _keep_names(
    told: Sequence[str], speakers: Sequence[int], durations_ms: Sequence[int]
) -> Mapping[int, str]:
    """A label for each speaker: the told ones where they fit best, then new ones."""
    from scipy.optimize import linear_sum_assignment  # here, for it takes long to import

    labels = sorted({label for label in told if label != UNKNOWN}, key=lambda one: (len(one), one))
    found = list(dict.fromkeys(speakers))
    shared_ms = np.zeros((len(found), len(labels)))
    for label, speaker, duration_ms in zip(told, speakers, durations_ms, strict=True):
        if label != UNKNOWN:
            shared_ms[found.index(speaker), labels.index(label)] += duration_ms
    rows, columns = linear_sum_assignment(shared_ms, maximize=True)
    names = {
        found[row]: labels[column]
        for row, column in zip(rows.tolist(), columns.tolist(), strict=True)
        if shared_ms[row, column] > 0
    }
    n_names = len(labels)
    for speaker in found:
        if speaker not in names:
            names[speaker] = name_speaker(n_names)
            n_names += 1
    return names


def split_revisions(
    revisions: Sequence[SpeakerRevision], max_words: int = MAX_REVISED_WORDS
) -> Iterator[SpeakersRevised]:
    """All of them, no more at once than a message can hold; none where there are none."""
    part: list[SpeakerRevision] = []
    n_words = 0
    for revision in revisions:
        if part and n_words + len(revision.words) > max_words:
            yield SpeakersRevised(tuple(part))
            part, n_words = [], 0
        part.append(revision)
        n_words += len(revision.words)
    if part:
        yield SpeakersRevised(tuple(part))
