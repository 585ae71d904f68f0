from benchmarks.tagger_rows import without_case
from benchmarks.tagger_sentences import MAKERS, Sentence, make_sentences, read_lines
from benchmarks.train_tagger import label_of
from earshot.understanding.entities.tagger_head import N_LABELS


def test_the_same_seed_makes_the_same_sentences_and_every_tag_is_a_label() -> None:
    made = make_sentences(4, 50)
    assert made == make_sentences(4, 50)
    for sentence in made:
        assert len(sentence.words) == len(sentence.tags)
        assert all(0 <= label_of(tag) < N_LABELS for tag in sentence.tags)


def test_every_slot_of_the_templates_has_its_maker() -> None:
    slots = {
        part.split("}")[0]
        for line in read_lines("tagger_templates.txt")
        for part in line.split("{")[1:]
    }
    assert slots <= MAKERS.keys()


def test_speech_has_neither_case_nor_marks() -> None:
    sentence = Sentence(("Hi,", "Jane.", "-"), ("", "B-person_name", ""))
    assert without_case(sentence).words == ("hi", "jane", "-")
