import json
from pathlib import Path

from benchmarks.tagger_casual import CASUAL_MAKERS, make_casual
from benchmarks.tagger_messages import read_messages, split_marks
from benchmarks.tagger_sentences import UNKNOWN, Sentence, read_lines
from benchmarks.train_tagger import label_of
from earshot.understanding.entities.tagger_head import N_LABELS


def write_texts(data: Path, tweets: list[str]) -> None:
    for name, texts in {
        "sentiment/hutto_tweets.jsonl": tweets,
        "moderation/surge_toxicity.jsonl": ["Nobody is named."],
    }.items():
        path = data / "text" / name
        path.parent.mkdir(parents=True)
        path.write_text("".join(json.dumps({"text": text}) + "\n" for text in texts))


def test_marked_names_have_their_types_and_all_else_names_nobody(tmp_path: Path) -> None:
    # The tenth: words 7 to 9 name a person.
    texts = ["and so on " * 20] * 10 + [
        "so excited that it is no other Jane Q. Doe who won @anonymous"
    ]
    write_texts(tmp_path, texts)
    messages = read_messages(tmp_path)["tweets"]
    assert messages[10].tags == (*[""] * 7, "B-person_name", *["I-person_name"] * 2, *[""] * 3)
    assert messages[10].words[-1].startswith("@")
    assert "anonymous" not in messages[10].words[-1]


def test_what_is_in_doubt_is_not_judged(tmp_path: Path) -> None:
    write_texts(tmp_path, ["and so on " * 20] * 14 + ["words of a firm or not"])
    assert read_messages(tmp_path)["tweets"][14].tags == ("", "", "", UNKNOWN, "", "")


def test_marks_apart_leave_a_name_its_one_beginning() -> None:
    sentence = Sentence(("(Jane-Ann's", "dog", "isn't", "here.)"), ("B-person_name", "", "", ""))
    apart = split_marks(sentence)
    assert " ".join(apart.words) == "( Jane - Ann ' s dog isn ' t here .)"
    tags = ("", "B-person_name", UNKNOWN, "I-person_name", UNKNOWN)
    assert apart.tags == (*tags, *[""] * 7)


def test_the_same_seed_makes_the_same_comments_and_every_tag_is_a_label() -> None:
    made = make_casual(4, 50)
    assert made == make_casual(4, 50)
    for sentence in made:
        assert len(sentence.words) == len(sentence.tags)
        labels = [label_of(tag) for tag in sentence.tags if tag != UNKNOWN]
        assert all(0 <= label < N_LABELS for label in labels)


def test_every_slot_of_the_comments_has_its_maker() -> None:
    slots = {
        part.split("}")[0]
        for line in read_lines("tagger_casual.txt")
        for part in line.split("{")[1:]
    }
    assert slots <= CASUAL_MAKERS.keys()


def test_what_stands_before_a_slot_is_kept() -> None:
    words = {word for sentence in make_casual(1, 400) for word in sentence.words}
    assert any(word.startswith("#") and len(word) > 1 for word in words)
    assert any(word.startswith('"') and len(word) > 1 for word in words)
