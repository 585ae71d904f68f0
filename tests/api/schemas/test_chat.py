from typing import Any

import pytest
from pydantic import ValidationError

from earshot.api.schemas.chat import choice_bodies, echo_of, parse_chat, passed_on, usage_body
from earshot.errors import RequestInvalid
from earshot.llm.usage import Usage

HELLO = {"role": "user", "content": "Hello."}
SCHEMA = {"type": "object", "properties": {"a": {"enum": ["b", None], "default": None}}}
TOOL = {"type": "function", "function": {"name": "look", "parameters": SCHEMA}}


def asked(**body: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    body = {"model": "fast", **body}
    return passed_on(parse_chat(body), body)


def test_a_prompt_is_what_a_user_says() -> None:
    assert asked(prompt="Hello.") == {"messages": [HELLO], "max_tokens": 1000, "stream": False}


def test_what_may_be_passed_on_is_as_it_came() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "n", "schema": SCHEMA}}
    choice = {"type": "function", "function": {"name": "look"}}
    more = {"tools": [TOOL], "tool_choice": choice, "response_format": form, "top_p": 0.5}
    put = asked(messages=[HELLO], max_tokens=7, temperature=1.5, logprobs=True, **more)
    assert put == {
        "messages": [HELLO],
        "max_tokens": 7,
        "temperature": 1.5,
        "stream": False,
        **more,
    }


def test_a_stream_is_asked_to_count() -> None:
    assert asked(messages=[HELLO], stream=True)["stream_options"] == {"include_usage": True}


def test_a_conversation_with_tools_is_passed_on() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    messages = [
        {
            "role": "system",
            "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}],
        },
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "Nothing.", "tool_call_id": "c"},
    ]
    assert asked(messages=messages)["messages"] == [
        {"role": "system", "content": "a\nb"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "Nothing.", "tool_call_id": "c"},
    ]


@pytest.mark.parametrize(
    ("model", "message"),
    [
        ("gpt-5", {"role": "user", "content": "Hello.", "name": "Anna"}),
        ("claude-sonnet-4-6", {"role": "user", "content": "Anna: Hello."}),
    ],
)
def test_who_speaks_is_told_in_the_way_of_the_model(model: str, message: dict[str, Any]) -> None:
    assert asked(model=model, messages=[{**HELLO, "name": "Anna"}])["messages"] == [message]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"model": None}, "Invalid request: missing required field 'model'"),
        ({"model": 1}, "model must be the name of a model"),
        ({}, "either messages or prompt must be given, and not both"),
        ({"messages": [HELLO], "prompt": "a"}, "either messages or prompt must be given"),
        ({"messages": []}, "messages must be a list of one or more messages"),
        ({"messages": [{"role": "god", "content": "a"}]}, "messages[0].role must be one of: user"),
        ({"messages": [HELLO, {"role": "user"}]}, "messages[1].content must be a string or a list"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url"}]}]},
            "messages[0].content must be a string or a list of parts of text",
        ),
        (
            {"messages": [{"role": "tool", "content": "a"}]},
            "messages[0].tool_call_id must be a string",
        ),
        ({"prompt": "a", "max_tokens": 0}, "max_tokens must be a number from 1 on"),
        ({"prompt": "a", "temperature": 3}, "temperature must be a number between 0 and 2"),
        ({"prompt": "a", "tool_choice": "any"}, "tool_choice must be one of: none, auto"),
        ({"prompt": "a", "n": 2}, "n must be 1"),
    ],
)
def test_a_request_that_breaks_a_rule(body: dict[str, Any], message: str) -> None:
    with pytest.raises(RequestInvalid) as refused:
        asked(**body)
    assert str(refused.value).startswith(message)


def test_what_was_said_is_not_repeated() -> None:
    echo = echo_of(parse_chat({"model": "fast", "prompt": "Hello.", "tools": [TOOL]}))
    assert echo.model_dump(mode="json")["max_tokens"] == 1000
    assert "Hello" not in echo.model_dump_json()


def test_calls_of_tools_are_where_both_kinds_of_client_look() -> None:
    call = {"id": "c", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    choice = {"message": {"content": None, "tool_calls": [call]}, "finish_reason": "tool_calls"}
    (body,) = choice_bodies([choice])
    assert body.tool_calls == body.message.tool_calls == [call]
    assert body.message.content is None
    (silent,) = choice_bodies([{"message": {}}])
    assert silent.message.content == ""
    for broken in ({}, {"message": None}, {"message": {"content": 1}}):
        with pytest.raises((LookupError, AttributeError, ValidationError)):
            choice_bodies([broken])


@pytest.mark.parametrize(
    ("options", "tells"),
    [
        (None, False),
        ({}, False),
        ({"include_usage": False}, False),
        ({"include_usage": True}, True),
    ],
)
def test_the_usage_of_a_stream_is_told_where_it_is_asked_for(
    options: dict[str, Any] | None, tells: bool
) -> None:
    wire = parse_chat({"model": "fast", "prompt": "Hello.", "stream_options": options})
    assert wire.tells_usage is tells


@pytest.mark.parametrize(
    ("given", "most"),
    [
        ({}, 1000),
        ({"max_tokens": 5}, 5),
        ({"max_completion_tokens": 7}, 7),
        ({"max_tokens": 5, "max_completion_tokens": 7}, 5),
    ],
)
def test_the_length_of_an_answer_has_both_its_names(given: dict[str, int], most: int) -> None:
    body = {"model": "fast", "prompt": "Hello.", **given}
    assert passed_on(parse_chat(body), body)["max_tokens"] == most
    assert echo_of(parse_chat(body)).max_tokens == most


def test_tokens_have_both_their_names() -> None:
    assert usage_body(Usage(3, 4)).model_dump() == {
        "input_tokens": 3,
        "output_tokens": 4,
        "total_tokens": 7,
        "prompt_tokens": 3,
        "completion_tokens": 4,
    }
