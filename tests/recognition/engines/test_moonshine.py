import math
import sys

import numpy as np
import pytest

from earshot.audio.waveform import SAMPLE_RATE, Samples, Waveform
from earshot.models.store import ModelStore
from earshot.recognition.engines.moonshine import MAX_TOKENS_PER_S, MoonshineRecognizer, draft_after
from earshot.recognition.language import SpeechDescriber
from earshot.recognition.recognizer import (
    NO_HINTS,
    Draft,
    DraftingRecognizer,
    Effort,
    Hints,
    Recognizer,
)
from earshot.testing import silence, tone
from earshot.transcript.options import Vocabulary


def first_sentences(two_cities: Samples) -> Waveform:
    """6 s: "It was the best of times. It was the worst of times."."""
    return Waveform(two_cities[: 6 * SAMPLE_RATE])


def test_words_begin_where_they_are_said(
    embedded_recognizer: Recognizer, two_cities: Samples
) -> None:
    # Half a second of silence before the speech moves every word by half a second.
    plain = first_sentences(two_cities)
    moved = Waveform(np.concatenate([silence(500), plain.samples]))
    (first,), (second,) = (embedded_recognizer.recognize([one]) for one in (plain, moved))
    assert len(first.words) == len(second.words)
    shifts_ms = [
        after.start_ms - before.start_ms
        for before, after in zip(first.words[1:], second.words[1:], strict=True)
    ]
    assert np.median(shifts_ms) == pytest.approx(500, abs=60)


def test_a_sound_is_described_alike_however_much_of_it_there_is(
    embedded_recognizer: Recognizer, two_cities: Samples
) -> None:
    assert isinstance(embedded_recognizer, SpeechDescriber)
    speech = Waveform(two_cities[: 10 * SAMPLE_RATE])
    longer = Waveform(two_cities[: 20 * SAMPLE_RATE])
    one, other, noise = embedded_recognizer.describe([speech, longer, Waveform(tone(10_000))])
    assert one.shape == (576,)
    assert np.isfinite(one).all()
    assert np.linalg.norm(one - other) < np.linalg.norm(one - noise) / 3


def test_times_do_not_depend_on_what_shares_the_batch(
    embedded_recognizer: Recognizer, two_cities: Samples
) -> None:
    one = first_sentences(two_cities)
    (alone,) = embedded_recognizer.recognize([one])
    together, _ = embedded_recognizer.recognize([one, Waveform(two_cities[: 12 * SAMPLE_RATE])])
    assert [word.text for word in alone.words] == [word.text for word in together.words]
    # Not each of them: where a word ends in a long pause, a hair tips the balance.
    moves_ms = [
        abs(here.start_ms - there.start_ms)
        for here, there in zip(alone.words, together.words, strict=True)
    ]
    assert np.median(moves_ms) <= 20
    assert max(moves_ms) <= 250


def test_encoded_speech_is_let_go_of_as_soon_as_a_batch_holds_it(
    models: ModelStore, two_cities: Samples
) -> None:
    recognizer = MoonshineRecognizer(models)
    segment = Waveform(two_cities[: 2 * SAMPLE_RATE])
    encoded = [recognizer._encoder.encode(segment)]
    (hypothesis,) = recognizer._decode(encoded, [segment])
    assert hypothesis.tokens
    assert not encoded


def test_clear_speech_is_believed_more_than_a_tone(
    embedded_recognizer: Recognizer, two_cities: Samples
) -> None:
    speech, hum = embedded_recognizer.recognize([first_sentences(two_cities), Waveform(tone(6000))])
    assert math.isfinite(speech.mean_logprob)
    assert speech.mean_logprob > -0.3
    assert speech.mean_logprob > hum.mean_logprob


def test_an_answer_never_has_more_words_than_tokens_fit_in_the_time(
    embedded_recognizer: Recognizer,
) -> None:
    noise = np.random.default_rng(7).normal(0, 0.1, 8 * SAMPLE_RATE).astype(np.float32)
    (recognition,) = embedded_recognizer.recognize([Waveform(noise)])
    assert len(recognition.words) <= 8 * MAX_TOKENS_PER_S


def test_the_library_that_the_weights_came_with_is_never_imported(
    embedded_recognizer: Recognizer,
) -> None:
    assert embedded_recognizer.name
    assert "moonshine_voice" not in sys.modules


def test_terms_that_nobody_says_change_no_word(
    embedded_recognizer: Recognizer, two_cities: Samples
) -> None:
    absent = Vocabulary(("Zarathustra", "crayfish bisque", "Delmonico", "PyTorch", "日本"))
    speech = [first_sentences(two_cities)]
    assert embedded_recognizer.recognize(
        speech, Hints(vocabulary=absent)
    ) == embedded_recognizer.recognize(speech)


def test_terms_are_found_in_noise_that_hid_them(
    embedded_recognizer: Recognizer, two_cities: Samples
) -> None:
    terms = ("foolishness", "epoch", "incredulity", "despair", "wisdom", "season")
    speech = two_cities[: 24 * SAMPLE_RATE]
    noise = np.random.default_rng(0).normal(0, 0.01, len(speech)).astype(np.float32)
    noisy = [Waveform(part) for part in np.split(speech + noise, 3)]

    def count_found(hints: Hints) -> int:
        recognitions = embedded_recognizer.recognize(noisy, hints)
        text = " ".join(word.text for one in recognitions for word in one.words).lower()
        return sum(text.count(term) for term in terms)

    assert count_found(Hints(vocabulary=Vocabulary(terms, "high"))) > count_found(NO_HINTS)


def test_a_word_that_is_respelled_keeps_its_time(
    embedded_recognizer: Recognizer, two_cities: Samples
) -> None:
    speech = first_sentences(two_cities)
    hints = Hints(vocabulary=Vocabulary(("TIMES",)))
    (told,) = embedded_recognizer.recognize([speech], hints)
    (untold,) = embedded_recognizer.recognize([speech])
    assert [word.text.lower() for word in told.words] == [w.text.lower() for w in untold.words]
    assert [w.start_ms for w in told.words] == [w.start_ms for w in untold.words]
    assert "TIMES" in " ".join(word.text for word in told.words)


@pytest.mark.parametrize(
    "draft",
    [
        (),
        ("It", "was", "the", "best", "of", "times."),
        ("It", "was", "the", "worst", "of", "days,", "it"),
        ("Something", "else", "altogether."),
        ("It",) * 60,
    ],
)
def test_a_draft_changes_no_word_whether_it_is_right_or_wrong(
    embedded_recognizer: Recognizer, two_cities: Samples, draft: tuple[str, ...]
) -> None:
    assert isinstance(embedded_recognizer, DraftingRecognizer)
    one = first_sentences(two_cities)
    (plain,) = embedded_recognizer.recognize([one])
    (drafted,) = embedded_recognizer.recognize_drafted([one], [Draft(draft)])
    assert [word.text for word in drafted.words] == [word.text for word in plain.words]
    assert drafted.mean_logprob == pytest.approx(plain.mean_logprob, abs=0.02)


@pytest.mark.parametrize(
    ("rest", "token", "after"),
    [
        ([7, 8, 9], 5, [8, 9]),  # in the place of 7
        ([7, 8, 9], 8, [9]),  # without 7
        ([7, 8, 9], 7, [8, 9]),
        ([1, 2, 3, 4, 5, 6], 5, [2, 3, 4, 5, 6]),  # too far away to be the same
        ([7], 5, []),
        ([], 5, []),
    ],
)
def test_a_draft_goes_on_behind_what_the_decoder_chose(
    rest: list[int], token: int, after: list[int]
) -> None:
    assert draft_after(rest, token) == after


def test_terms_are_found_with_a_draft_as_well(
    embedded_recognizer: Recognizer, two_cities: Samples
) -> None:
    assert isinstance(embedded_recognizer, DraftingRecognizer)
    one, hints = first_sentences(two_cities), Hints(vocabulary=Vocabulary(("the Best of Times",)))
    (plain,) = embedded_recognizer.recognize([one], hints)
    (drafted,) = embedded_recognizer.recognize_drafted([one], [Draft(("It", "was", "the"))], hints)
    assert [word.text for word in drafted.words] == [word.text for word in plain.words]


def test_it_tells_the_end_of_a_sentence_from_the_middle_of_one(
    embedded_recognizer: Recognizer, two_cities: Samples
) -> None:
    cut = Waveform(two_cities[: 4 * SAMPLE_RATE])  # "It was the worst of"
    whole, part = embedded_recognizer.recognize([first_sentences(two_cities), cut])
    assert whole.closing is not None
    assert part.closing is not None
    assert whole.closing.ends_sentence > part.closing.ends_sentence + 0.2


def noisy_speech(two_cities: Samples) -> Waveform:
    """Hard to hear: another answer at every speed."""
    speech = two_cities[16 * SAMPLE_RATE : 24 * SAMPLE_RATE]
    return Waveform(
        speech + np.random.default_rng(3).normal(0, 0.015, len(speech)).astype(np.float32)
    )


def test_doubtful_speech_is_heard_again_only_where_there_is_time(
    models: ModelStore, two_cities: Samples
) -> None:
    segment = noisy_speech(two_cities)
    once = MoonshineRecognizer(models, second_hearings="never")
    again = MoonshineRecognizer(models, second_hearings="short")
    (plain,) = once.recognize([segment])
    assert plain.mean_logprob < -0.15
    assert again.recognize([segment]) == [plain]
    (better,) = again.recognize([segment], Hints(effort=Effort.MORE))
    assert [word.text for word in better.words] != [word.text for word in plain.words]
    assert MoonshineRecognizer(models, second_hearings="always").recognize([segment]) == [better]


def test_words_that_are_read_have_the_scores_and_times_of_those_that_are_heard(
    models: ModelStore, two_cities: Samples
) -> None:
    # So what another speed heard gets the times that it has in the speech as it is.
    recognizer = MoonshineRecognizer(models)
    encoded = recognizer._encoder.encode(noisy_speech(two_cities))
    (heard,) = recognizer._decode([encoded], [noisy_speech(two_cities)])
    read = recognizer._read(heard.tokens, encoded)
    assert read.logprobs == pytest.approx(heard.logprobs, abs=0.05)
    assert np.stack(read.marks) == pytest.approx(np.stack(heard.marks), abs=0.5)
    assert np.stack(read.attention) == pytest.approx(np.stack(heard.attention), abs=0.05)


def test_doubtful_speech_is_heard_again_beside_a_vocabulary_and_a_draft(
    models: ModelStore, two_cities: Samples
) -> None:
    segment = noisy_speech(two_cities)
    recognizer = MoonshineRecognizer(models)
    (better,) = recognizer.recognize([segment], Hints(effort=Effort.MORE))
    absent = Hints(vocabulary=Vocabulary(("Zarathustra",)), effort=Effort.MORE)
    assert recognizer.recognize([segment], absent) == [better]
    draft = Draft(tuple(word.text for word in better.words[:4]))
    (drafted,) = recognizer.recognize_drafted([segment], [draft], Hints(effort=Effort.MORE))
    assert [word.text for word in drafted.words] == [word.text for word in better.words]
