import json
from typing import Annotated

import pytest
from pydantic import Field, ValidationError

from earshot.api.schemas.chat import ChatParameters
from earshot.api.schemas.lemur import QuestionParameters
from earshot.api.schemas.parameters import EchoedParameters
from earshot.api.schemas.sync import SyncConfig
from earshot.api.schemas.wire import Flag, Milliseconds, Must, Ratio, Strings, Text, WireModel
from earshot.errors import RequestInvalid

MANY = [1] * 2000
UNSTORABLE = "must not contain NUL characters or lone surrogates"


class Inner(WireModel):
    depth: Annotated[Annotated[int, Field(ge=1)] | None, Must("an integer of at least 1")] = None


class Outer(WireModel):
    flag: Flag = False
    text: Text = None
    ratio: Ratio = None
    moment: Milliseconds = None
    names: Strings = None
    inner: Annotated[Inner | None, Must("an object")] = None
    items: Annotated[list[Inner] | None, Must("a list of things")] = None


@pytest.mark.parametrize(
    ("body", "sentence"),
    [
        ({"flag": "true"}, "flag must be a Boolean"),
        ({"flag": 1}, "flag must be a Boolean"),
        ({"text": 7}, "text must be a string"),
        ({"text": "\ud800"}, f"text {UNSTORABLE}"),
        ({"text": "a\x00b"}, f"text {UNSTORABLE}"),
        ({"inner": {"x": ["\x00"]}}, f"inner {UNSTORABLE}"),
        ({"ratio": "0.5"}, "ratio must be a number between 0 and 1 (inclusive)"),
        ({"ratio": True}, "ratio must be a number between 0 and 1 (inclusive)"),
        ({"ratio": -0.1}, "ratio must be a number between 0 and 1 (inclusive)"),
        ({"ratio": 10**400}, "ratio must be a number between 0 and 1 (inclusive)"),
        ({"moment": 1.0}, "moment must be an integer of milliseconds between 0 and 2147483647"),
        ({"moment": 2**31}, "moment must be an integer of milliseconds between 0 and 2147483647"),
        ({"names": "a"}, "names must be a list of strings"),
        ({"names": ["a", 1]}, "names must be a list of strings"),
        ({"names": ["a", None]}, "names must be a list of strings"),
        ({"inner": []}, "inner must be an object"),
        ({"inner": {"depth": 0}}, "inner.depth must be an integer of at least 1"),
        ({"items": [{"depth": 1}, {"depth": 0}]}, "items must be a list of things"),
    ],
)
def test_a_broken_parameter_is_named_with_what_it_must_be(
    body: dict[str, object], sentence: str
) -> None:
    with pytest.raises(RequestInvalid) as refused:
        Outer.parse(body)
    assert str(refused.value) == sentence


def test_null_is_the_same_as_absent_at_every_depth() -> None:
    parsed = Outer.parse({"flag": None, "names": None, "inner": {"depth": None}})
    assert parsed == Outer.parse({"inner": {}})
    assert parsed.flag is False
    assert parsed.model_fields_set == {"inner"}


def test_unknown_names_are_ignored_at_every_depth() -> None:
    assert Outer.parse({"nope": object(), "inner": {"nope": 1, "depth": 2}}) == Outer.parse(
        {"inner": {"depth": 2}}
    )


@pytest.mark.parametrize("ends", ["[]", '{"a":}'], ids=["lists", "objects"])
def test_a_value_that_is_nested_too_deeply_to_follow_is_refused(ends: str) -> None:
    opening, closing = ends[:-1], ends[-1]
    value = json.loads(opening * 950 + "0" + closing * 950)
    with pytest.raises(RequestInvalid, match=r"^inner must not be nested that deeply$"):
        Outer.parse({"inner": value})


@pytest.mark.parametrize("ratio", [0, 1, 0.0, 1.0, 0.25])
def test_a_ratio_may_be_a_whole_number(ratio: float) -> None:
    assert Outer.parse({"ratio": ratio}).ratio == ratio


@pytest.mark.parametrize(
    ("model", "body"),
    [
        (EchoedParameters, {"word_boost": MANY}),
        (EchoedParameters, {"custom_spelling": MANY}),
        (EchoedParameters, {"custom_spelling": [{"from": MANY, "to": "a"}]}),
        (EchoedParameters, {"redact_static_entities": {"a": MANY}}),
        (EchoedParameters, {"redact_static_entities": dict.fromkeys(map(str, range(2000)), 1)}),
        (ChatParameters, {"model": "a", "messages": MANY}),
        (ChatParameters, {"model": "a", "tools": MANY}),
        (QuestionParameters, {"question": "a", "answer_options": MANY}),
        (SyncConfig, {"conversation_context": MANY}),
    ],
)
def test_a_list_is_read_to_its_first_fault(model: type[WireModel], body: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(body)
    assert caught.value.error_count() < 10
