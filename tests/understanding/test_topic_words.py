import numpy as np

from earshot.understanding.topic_words import SubjectWords, share_of_words

SUBJECTS = ["tennis serve racket Wimbledon", "wine vineyard bottle", "court judge lawsuit serve"]


def test_a_text_is_most_like_the_subject_whose_words_it_has() -> None:
    likenesses = SubjectWords(SUBJECTS).likenesses(
        ["She kept her serve at Wimbledon.", "The vineyards bottle it.", "Nothing of the kind."]
    )
    assert likenesses.argmax(axis=1)[:2].tolist() == [0, 1]
    assert likenesses[2].tolist() == [0, 0, 0]
    assert ((likenesses >= 0) & (likenesses <= 1)).all()


def test_a_rare_word_says_more_than_one_that_many_subjects_have() -> None:
    likenesses = SubjectWords(SUBJECTS).likenesses(["serve", "racket"])
    assert likenesses[1, 0] > likenesses[0, 0] > likenesses[0, 1]


def test_the_share_of_a_names_words_is_told() -> None:
    shares = share_of_words(["The climate changes fast."], ["climate change", "climate law", "!"])
    assert np.allclose(shares, [[1, 0.5, 0]])
