from benchmarks.understanding_peers import divide_nowhere, take_first


def test_the_first_sentences_are_the_simplest_summary() -> None:
    assert take_first(["One.", "Two.", "Three."], 2) == "One. Two."


def test_not_to_divide_is_the_simplest_division() -> None:
    assert divide_nowhere(["One.", "Two."]) == []
