from earshot.diarization.diarizer import Stretch, Track
from earshot.streaming.events import LiveWord, TurnUpdated
from earshot.streaming.labels import (
    UNKNOWN,
    LabelledTurn,
    SpeakerNames,
    attribute,
    label_words,
    name_speaker,
    revise_turns,
    split_revisions,
    spoken_words,
    voices_since,
)
from earshot.transcript.words import Word


def spoken(*starts_ms: int) -> tuple[Word, ...]:
    return tuple(Word(f"w{at}", at, at + 300, 0.9) for at in starts_ms)


def told(*starts_ms: int) -> tuple[LiveWord, ...]:
    return tuple(LiveWord(f"w{at}", at, at + 300, 0.9, is_final=True) for at in starts_ms)


def turn(order: int, speakers: str, start_ms: int = 0) -> LabelledTurn:
    starts_ms = [start_ms + 400 * index for index in range(len(speakers))]
    names = tuple(UNKNOWN if name == "?" else name for name in speakers)
    return LabelledTurn(order, told(*starts_ms), spoken(*starts_ms), names)


def test_after_z_comes_aa() -> None:
    assert [name_speaker(index) for index in (0, 1, 25, 26, 27)] == ["A", "B", "Z", "AA", "AB"]


def test_speakers_are_named_in_order_of_appearance_and_nobody_is_unknown() -> None:
    names = SpeakerNames()
    assert [names.name(speaker) for speaker in (7, None, 3, 7)] == ["A", UNKNOWN, "B", "A"]


def test_a_turn_is_of_whoever_spoke_for_the_longest() -> None:
    assert turn(0, "ABB").label == "B"
    assert turn(0, "?").label == UNKNOWN


def test_words_that_formatting_has_joined_have_the_speaker_of_the_first() -> None:
    labelled = label_words(told(0, 800), ["A", "A", "B", "B"], spoken(0, 400, 800, 1200))
    assert [word.speaker for word in labelled] == ["A", "B"]


def test_spoken_words_have_the_marks_of_the_recognizer() -> None:
    word = LiveWord("two", 0, 300, 0.9, is_final=True, form="Two.")
    update = TurnUpdated(0, (word,), is_end=True, is_formatted=False, end_confidence=1.0)
    assert spoken_words(update) == (Word("Two.", 0, 300, 0.9),)


def test_words_are_of_whoever_is_heard_during_them() -> None:
    tracks = [Track((Stretch(0, 1200),), None, 0), Track((Stretch(1200, 3000),), None, 0)]
    words = spoken(0, 400, 800, 1300, 1700, 2100, 2500)
    assert attribute(words, list(zip(tracks, [4, None], strict=True))) == [
        4,
        4,
        4,
        None,
        None,
        None,
        None,
    ]
    assert attribute(words, []) == [None] * 7


def test_tracks_of_one_speaker_that_overlap_count_once() -> None:
    tracks = [Track((Stretch(0, 600),), None, 0), Track((Stretch(300, 900),), None, 0)]
    assert attribute(spoken(0, 400), [(track, 0) for track in tracks]) == [0, 0]


def test_of_voices_that_were_heard_before_what_lies_later_counts() -> None:
    over = Track((Stretch(0, 600),), None, 600)
    reaching = Track((Stretch(100, 500), Stretch(600, 1000), Stretch(1100, 1200)), None, 900)
    later = voices_since(700, [(over, 0), (reaching, 1)])
    assert [(track.stretches, owner) for track, owner in later] == [
        ((Stretch(700, 1000), Stretch(1100, 1200)), 1)
    ]


def test_only_turns_whose_speakers_changed_are_revised() -> None:
    turns = [turn(0, "AA"), turn(1, "BB", 2000), turn(2, "??", 4000)]
    (revision,) = revise_turns(turns, [5, 5, 9, 9, 5, 5])
    assert (revision.turn_order, revision.speaker_label) == (2, "A")
    assert [word.speaker for word in revision.words] == ["A", "A"]


def test_speakers_keep_the_labels_that_fit_most_of_their_words() -> None:
    turns = [turn(0, "AAB"), turn(1, "BBB", 2000)]
    (revision,) = revise_turns(turns, [1, 1, 1, 0, 0, 0])
    assert (revision.turn_order, revision.speaker_label) == (0, "A")


def test_two_that_were_one_get_a_new_label() -> None:
    turns = [turn(0, "AAA"), turn(1, "A", 2000), turn(2, "B", 4000)]
    (revision,) = revise_turns(turns, [0, 0, 0, 1, 2])
    assert (revision.turn_order, revision.speaker_label) == (1, "C")


def test_where_nobody_changed_nothing_is_revised() -> None:
    assert revise_turns([turn(0, "AB")], [1, 0]) == []


def test_a_long_revision_comes_in_parts() -> None:
    turns = [turn(order, "???", 2000 * order) for order in range(5)]
    parts = list(split_revisions(revise_turns(turns, [0] * 15), max_words=7))
    assert [[one.turn_order for one in part.revisions] for part in parts] == [[0, 1], [2, 3], [4]]
    assert list(split_revisions([])) == []
