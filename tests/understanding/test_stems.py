import pytest

from earshot.understanding.stems import bare, content_stems, plain, says_something, stem


def test_marks_and_genitives_are_no_part_of_a_word() -> None:
    assert bare("\u201cCanada\u2019s,") == "Canada"
    assert bare("(U.S.)") == "U.S"
    assert plain("It\u2019s?") == "it's"
    assert bare("--") == ""


@pytest.mark.parametrize(
    "forms",
    ["meeting meetings meet meets", "plan plans planned planning", "category categories"],
)
def test_forms_of_a_word_share_a_stem(forms: str) -> None:
    assert len({stem(word) for word in forms.split()}) == 1


@pytest.mark.parametrize("word", ["bus", "this", "class", "ring", "red", "fly", "e"])
def test_a_word_that_only_looks_like_a_form_stays(word: str) -> None:
    assert stem(word) == word


def test_content_is_what_is_neither_grammar_nor_number() -> None:
    said = "So the 12 planes were, uh, landing in Canada's airports."
    assert content_stems(said) == ["plan", "land", "canada", "airport"]


@pytest.mark.parametrize("hidden", ["#####", "######!", "[PERSON_NAME],", "[PROJECT-X1]."])
def test_what_is_hidden_from_the_reader_says_nothing(hidden: str) -> None:
    assert not says_something(hidden)
    assert content_stems(f"Hello, {hidden}") == []


def test_a_sign_in_a_word_hides_it_from_nobody() -> None:
    assert says_something("C#-code")
    assert content_stems("written in F#-major") == ["written", "f#-major"]
