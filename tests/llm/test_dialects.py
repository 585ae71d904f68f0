import pytest

from earshot.llm.dialects import (
    FORGET_AFTER_S,
    Dialect,
    LearnedDialect,
    is_about_length,
    words_of_refusal,
)

SCHEMA = {"type": "object", "properties": {"title": {"type": "string", "default": ""}}}


def steps(complaint: str) -> list[Dialect]:
    """All that is tried of an endpoint that always complains so."""
    tried = [Dialect()]
    while (following := tried[-1].instead(complaint)) is not None:
        tried.append(following)
    return tried


def test_the_first_is_the_strictest() -> None:
    parameters = Dialect().parameters(SCHEMA, 50)
    described = parameters.pop("response_format")["json_schema"]
    assert parameters == {"max_tokens": 50, "temperature": 0, "stream": False}
    assert described["strict"] is True
    assert described["schema"]["additionalProperties"] is False
    assert described["schema"]["required"] == ["title"]


def test_without_forms_and_temperature_next_to_nothing_is_asked_for() -> None:
    bare = Dialect("text", "max_completion_tokens", names_temperature=False, room=4)
    assert bare.parameters(SCHEMA, 50) == {"max_completion_tokens": 200, "stream": False}


def test_what_was_learned_is_forgotten_after_an_hour() -> None:
    at_s = 0.0
    learned = LearnedDialect(Dialect(), lambda: at_s)
    learned.remember(Dialect("text"))
    at_s = FORGET_AFTER_S - 1
    learned.remember(Dialect("text"))  # known already: that it still works starts no new hour
    assert learned.now == Dialect("text")
    at_s = FORGET_AFTER_S
    assert learned.now == Dialect()


@pytest.mark.parametrize(
    ("complaint", "is_length"),
    [
        ("this model's maximum context length is 4096 tokens", True),
        ("the request exceeds the available context size", True),
        ("'temperature' is not supported", False),
        ("", False),
    ],
)
def test_a_text_that_is_too_long_is_told_from_other_refusals(
    complaint: str, is_length: bool
) -> None:
    assert is_about_length(complaint) is is_length


@pytest.mark.parametrize(
    ("complaint", "expected"),
    [
        ("'max_tokens' is not supported", Dialect(limit_name="max_completion_tokens")),
        ("'temperature' does not support 0", Dialect(names_temperature=False)),
        ("response_format is unknown", Dialect("json_object")),
        ("", Dialect("json_object")),
        ("maximum context length is 4096; max_tokens was 5000", None),
    ],
)
def test_what_is_complained_of_is_done_without(complaint: str, expected: Dialect | None) -> None:
    assert Dialect().instead(complaint) == expected


@pytest.mark.parametrize("complaint", ["", "max_tokens", "temperature", "max_tokens temperature"])
def test_whoever_always_complains_is_asked_a_few_times(complaint: str) -> None:
    tried = steps(complaint)
    assert 4 <= len(tried) <= 5
    assert tried[-1] == Dialect("text", "max_completion_tokens", names_temperature=False)


def test_servers_complain_in_fields_of_many_names() -> None:
    body = {
        "error": {"message": "one", "param": "two", "code": 5, "type": "not this"},
        "detail": [{"loc": ["body", "three"], "msg": "four"}],
        "choices": "nor this",
    }
    assert sorted(words_of_refusal(body)) == ["body", "four", "one", "three", "two"]
    assert list(words_of_refusal({"error": "five"})) == ["five"]
    assert list(words_of_refusal(None)) == []
