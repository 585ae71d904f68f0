from earshot.understanding.answering.task import Source, Task


def test_a_text_is_read_in_sentences() -> None:
    source = Source.of_text("Smoke is here.\nIt is bad.")
    assert [one.text for one in source.sentences] == ["Smoke is here.", "It is bad."]
    assert source.text == "Smoke is here.\nIt is bad."
    assert source.transcript_id is None


def test_a_text_without_spaces_is_read_in_sentences_as_well() -> None:
    source = Source.of_text("\u6a4b\u3002\u96e8\uff01" + "\u6a4b" * 450)
    assert [one.text for one in source.sentences][:2] == ["\u6a4b\u3002", "\u96e8\uff01"]
    assert [len(word.text) for word in source.sentences[2].words] == [200, 200, 50]


def test_what_is_asked_is_not_in_its_representation() -> None:
    assert "secret" not in repr(Task("task", prompt="secret", context="secret"))
    assert Task("task", prompt="a", context="b").wording == "a b"
