from earshot.streaming.heard import HeardWord
from earshot.streaming.open_turn import OpenTurn

LATE_MS = 60_000  # so much has been heard that every word is stable


def heard(text: str, *, first_ms: int = 0, confidence: float = 0.9) -> list[HeardWord]:
    words = []
    for place, form in enumerate(text.split()):
        start_ms = first_ms + place * 200
        bare = form.strip(".,?").lower()
        words.append(HeardWord(bare, form, start_ms, start_ms + 180, confidence))
    return words


def shown(turn: OpenTurn) -> str:
    """Final words, and the open one in brackets."""
    words = turn.live_words()
    return " ".join(word.text if word.is_final else f"[{word.text}]" for word in words)


def test_words_become_final_when_they_are_heard_again() -> None:
    turn = OpenTurn()
    turn.absorb(heard("Hi, my"), LATE_MS)
    assert shown(turn) == "[hi]"
    turn.absorb(heard("Hi, my name."), LATE_MS)
    assert shown(turn) == "hi my [name]"


def test_a_final_word_stays_whatever_is_heard_later() -> None:
    turn = OpenTurn()
    turn.absorb(heard("there is"), LATE_MS)
    turn.absorb(heard("there is one"), LATE_MS)
    turn.absorb(heard("They're as one now"), LATE_MS)
    assert shown(turn).startswith("there is one")


def test_words_say_how_the_recognizer_writes_them() -> None:
    turn = OpenTurn()
    turn.absorb(heard("Hi, my name."), LATE_MS)
    turn.settle()
    words = turn.live_words()
    assert [(word.text, word.form) for word in words] == [
        ("hi", "Hi,"),
        ("my", "my"),
        ("name", "name."),
    ]


def test_only_the_last_word_is_open() -> None:
    turn = OpenTurn()
    turn.absorb(heard("a b c d e"), LATE_MS)
    assert [word.is_final for word in turn.live_words()] == [False]


def test_settling_makes_every_word_final() -> None:
    turn = OpenTurn()
    turn.absorb(heard("a b c"), LATE_MS)
    assert not turn.is_settled
    turn.settle()
    assert shown(turn) == "a b c"
    assert turn.is_settled


def test_a_word_is_no_beginning_of_a_sentence_because_the_audio_is_cut_before_it() -> None:
    turn = OpenTurn()
    turn.absorb(heard("In short, the"), LATE_MS)
    turn.absorb(heard("In short, the period was"), LATE_MS)
    turn.trim_before(400)
    for _ in range(2):
        turn.absorb(heard("The period was good.", first_ms=400), LATE_MS)
    turn.settle()
    words = turn.formatted_words("en")
    assert " ".join(word.text for word in words) == "In short, the period was good."


def test_trimmed_words_are_told_but_not_heard_again() -> None:
    turn = OpenTurn()
    turn.absorb(heard("a b c"), LATE_MS)
    turn.absorb(heard("a b c"), LATE_MS)
    turn.trim_before(300)
    assert [word.text for word in turn.heard_again] == ["c"]
    turn.absorb(heard("c d", first_ms=400), LATE_MS)
    turn.absorb(heard("c d", first_ms=400), LATE_MS)
    assert shown(turn) == "a b c d"


def test_what_is_trimmed_becomes_final_before() -> None:
    turn = OpenTurn()
    turn.absorb(heard("a b c"), LATE_MS)
    turn.trim_before(300)
    assert shown(turn) == "a b [c]"


def test_a_doubted_word_awaits_proof_from_when_it_may_become_final() -> None:
    turn = OpenTurn()
    assert not turn.awaits_proof(LATE_MS)
    turn.absorb(heard("Hi", confidence=0.5), 200)  # up to 180 ms, and doubted for 1,400 ms
    assert not turn.awaits_proof(1_500)
    assert turn.awaits_proof(1_600)


def test_a_doubted_word_behind_one_that_must_wait_awaits_no_proof_yet() -> None:
    turn = OpenTurn()
    waits, doubted = heard("Hi", confidence=0.1) + heard("my", first_ms=200, confidence=0.7)
    turn.absorb([waits, doubted], 400)  # the first until 2.5 s, the second until 1.3 s
    assert not turn.awaits_proof(2_000)
    assert turn.awaits_proof(2_600)


def test_words_that_are_sure_or_final_await_no_proof() -> None:
    turn = OpenTurn()
    turn.absorb(heard("Hi my"), 200)
    assert not turn.awaits_proof(LATE_MS)
    doubted = OpenTurn()
    for _ in range(2):
        doubted.absorb(heard("Hi my", confidence=0.5), LATE_MS)
    assert doubted.is_settled
    assert not doubted.awaits_proof(LATE_MS)


def test_a_cut_is_made_in_the_widest_pause_between_final_words() -> None:
    turn = OpenTurn()
    words = [*heard("a b"), *heard("c d", first_ms=1000)]
    turn.absorb(words, LATE_MS)
    turn.absorb(words, LATE_MS)
    assert turn.find_cut(0, 2000) == (380 + 1000) // 2
    assert turn.find_cut(5000, 6000) == 6000


def test_the_formatted_words_have_the_marks_of_the_last_hearing() -> None:
    turn = OpenTurn()
    turn.absorb(heard("Hi my. Name"), LATE_MS)
    turn.absorb(heard("Hi my. Name"), LATE_MS)
    turn.absorb(heard("Hi, my name is Sonny."), LATE_MS)
    turn.settle()
    words = turn.formatted_words("en")
    assert " ".join(word.text for word in words) == "Hi, my name is Sonny."
    assert shown(turn) == "hi my name is sonny"


def test_numbers_are_written_in_digits_in_the_formatted_words_only() -> None:
    turn = OpenTurn()
    turn.absorb(heard("It costs twenty five dollars."), LATE_MS)
    turn.settle()
    assert shown(turn) == "it costs twenty five dollars"
    words = turn.formatted_words("en")
    assert " ".join(word.text for word in words) == "It costs $25."
    assert words[-1].end_ms == 980


def test_profanity_is_masked_where_it_is_asked_for() -> None:
    turn = OpenTurn(filters_profanity=True)
    turn.absorb(heard("Oh shit."), LATE_MS)
    turn.settle()
    assert shown(turn) == "oh s***"
    assert turn.formatted_words("en")[1].text == "s***."
    assert turn.take_utterance() == "oh s***"


def test_a_final_word_that_was_masked_stays_so_whatever_follows_it() -> None:
    turn = OpenTurn(filters_profanity=True)
    turn.absorb(heard("Mind the chink"), LATE_MS)
    turn.settle()
    assert shown(turn) == "mind the c****"
    turn.absorb(heard("Mind the chink in the armor."), LATE_MS)
    turn.settle()
    assert shown(turn) == "mind the c**** in the armor"
    assert turn.take_utterance() == "mind the c**** in the armor"
    formatted = [word.text for word in turn.formatted_words("en")]
    assert formatted == ["Mind", "the", "c****", "in", "the", "armor."]


def test_formatted_words_are_masked_where_they_were_or_are_profane_now() -> None:
    turn = OpenTurn(filters_profanity=True)
    turn.absorb(heard("Shit. He said. A prick the"), LATE_MS)
    turn.settle(1000)  # all but the last word
    assert shown(turn) == "s*** he said a prick [the]"
    turn.absorb(heard("Shit. He said. A prick thou. Bullshit's twenty five."), LATE_MS)
    turn.settle()
    assert shown(turn) == "s*** he said a prick thou b*******'s twenty five"
    formatted = " ".join(word.text for word in turn.formatted_words("en"))
    assert formatted == "S***. He said. A p**** thou. B*******'s 25."


def test_an_utterance_is_taken_once() -> None:
    turn = OpenTurn()
    turn.absorb(heard("a b"), LATE_MS)
    turn.settle()
    assert turn.take_utterance() == "a b"
    assert turn.take_utterance() == ""


def test_times_of_final_words_never_run_backwards() -> None:
    turn = OpenTurn()
    turn.absorb([*heard("a b"), *heard("c", first_ms=250)], LATE_MS)
    turn.settle()
    words = turn.live_words()
    assert words[2].start_ms >= words[1].end_ms
    assert words[2].end_ms > words[2].start_ms


def test_a_new_word_is_not_placed_in_the_turn_before() -> None:
    # A recognizer lets a word begin where the one before it ends, across the pause between them.
    turn = OpenTurn(context=heard("some words"))
    turn.begins_ms = 2000
    across = HeardWord("and", "And", 380, 560, 0.9)
    turn.absorb([*heard("some words"), across], 2300)
    turn.absorb([*heard("some words"), across], LATE_MS)
    assert [(word.start_ms, word.end_ms) for word in turn.live_words()] == [(2000, 2180)]
    # Later the same word is heard in its place, and is not told twice.
    in_place = HeardWord("and", "And", 2100, 2900, 0.9)
    turn.absorb([*heard("some words"), in_place], LATE_MS)
    assert shown(turn) == "and"


def test_a_misplaced_word_ends_in_what_was_heard() -> None:
    turn = OpenTurn()
    turn.begins_ms = 2000
    turn.absorb([HeardWord("well", "Well", 100, 900, 0.9)], 2300)
    (word,) = turn.live_words()
    assert (word.start_ms, word.end_ms) == (2000, 2300)


def test_words_after_a_misplaced_one_are_told_too() -> None:
    turn = OpenTurn(context=heard("some words"))
    turn.begins_ms = 2000
    known = [*heard("some words"), HeardWord("and", "And", 380, 560, 0.9)]
    for _ in range(2):
        turn.absorb(known, LATE_MS)
    following = HeardWord("then", "then", 2250, 2600, 0.9)
    for _ in range(2):
        turn.absorb([*known, following], LATE_MS)
    assert shown(turn) == "and then"


def test_a_misplaced_word_leaves_the_next_ones_in_their_places() -> None:
    turn = OpenTurn()
    turn.begins_ms = 2000
    words = [("well", 380, 1200), ("yes", 2210, 2400), ("no", 2420, 2600)]
    spoken = [HeardWord(text, text, start_ms, end_ms, 0.9) for text, start_ms, end_ms in words]
    turn.absorb(spoken, LATE_MS)
    turn.settle()
    times = [(word.start_ms, word.end_ms) for word in turn.live_words()]
    assert times == [(2000, 2210), (2210, 2400), (2420, 2600)]


def test_a_word_across_the_beginning_of_a_turn_keeps_its_end() -> None:
    turn = OpenTurn()
    turn.begins_ms = 2000
    turn.absorb([HeardWord("well", "Well", 1900, 2200, 0.9)], LATE_MS)
    (word,) = turn.live_words()
    assert (word.start_ms, word.end_ms) == (2000, 2200)


def test_where_words_are_written_they_stay_as_they_were_when_they_were_told() -> None:
    turn = OpenTurn(writes=True)
    turn.absorb(heard("hi, my"), LATE_MS)
    turn.absorb(heard("hi, my name"), LATE_MS)
    assert shown(turn) == "Hi, my [name]"
    turn.absorb(heard("Hi My name. Yes"), LATE_MS)
    assert shown(turn) == "Hi, my name. [Yes]"
    turn.settle()
    assert turn.take_utterance() == "Hi, my name. Yes"
    assert [word.text for word in turn.formatted_words("en")] == ["Hi,", "my", "name.", "Yes"]


def test_written_words_are_masked_with_their_marks() -> None:
    turn = OpenTurn(writes=True, filters_profanity=True)
    turn.absorb(heard("What the fuck, no"), LATE_MS)
    turn.settle()
    assert turn.take_utterance() == "What the f***, no"


def test_the_open_word_begins_where_the_final_ones_end() -> None:
    turn = OpenTurn()
    turn.absorb(heard("a b"), LATE_MS)
    turn.absorb([*heard("a b"), HeardWord("c", "c", 150, 170, 0.9)], LATE_MS)
    words = turn.live_words()
    assert [word.is_final for word in words] == [True, True, False]
    assert (words[-1].start_ms, words[-1].end_ms) == (380, 381)
