"""Bodies of `/v1/chat/completions`: a conversation, and what a language model says to it."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from earshot.api.schemas.wire import TO_FIRST_FAULT, Flag, Must, Text, WireModel
from earshot.api.schemas.words import is_none
from earshot.errors import RequestInvalid
from earshot.llm.usage import Usage

DEFAULT_MAX_TOKENS: Final = 1000
ROLES: Final = ("user", "assistant", "system", "developer", "tool")
MODEL_MISSING: Final = "Invalid request: missing required field 'model'"
# By the names of its models: only these are known to take the name of a speaker by itself.
_TAKES_NAMES: Final = ("gpt-", "o1", "o3", "o4")
_PASSED_ON: Final = ("tools", "tool_choice", "response_format", "stop", "top_p", "seed")


class ChatParameters(WireModel):
    """A conversation, to be carried on by a language model of this server."""

    model: Annotated[Annotated[str, Field(pattern=r"\S")], Must("the name of a model")]
    """A name of `GET /v1/models`. Others stand for this server's own."""
    messages: Annotated[
        Annotated[list[dict[str, Any]], Field(min_length=1), TO_FIRST_FAULT] | None,
        Must("a list of one or more messages"),
    ] = None
    """With `role` and `content`; `tool_call_id` for what a tool answers."""
    prompt: Text = None
    """In place of `messages`: what a user says."""
    max_tokens: Annotated[Annotated[int, Field(ge=1)] | None, Must("a number from 1 on")] = None
    """1000 unless given."""
    max_completion_tokens: Annotated[
        Annotated[int, Field(ge=1)] | None, Must("a number from 1 on")
    ] = None
    """The same, as OpenAI's newer clients call it."""
    temperature: Annotated[
        Annotated[float, Field(ge=0, le=2)] | None, Must("a number between 0 and 2 (inclusive)")
    ] = None
    stream: Flag = False
    """The answer as it is written: server-sent events."""
    stream_options: Annotated[dict[str, Any] | None, Must("an object")] = None
    """With `{"include_usage": true}` the last event tells the tokens, in OpenAI's way."""
    tools: Annotated[
        Annotated[list[dict[str, Any]], TO_FIRST_FAULT] | None, Must("a list of tools")
    ] = None
    """Functions that the model may ask for."""
    tool_choice: Annotated[
        str | dict[str, Any] | None,
        Must("one of: none, auto, required, or an object that names a function"),
    ] = None
    response_format: Annotated[
        dict[str, Any] | None, Must("an object with the type of the answer's form")
    ] = None
    """`{"type": "json_schema", "json_schema": {"name", "schema", "strict"}}`."""

    @property
    def most_tokens(self) -> int:
        return self.max_tokens or self.max_completion_tokens or DEFAULT_MAX_TOKENS

    @property
    def tells_usage(self) -> bool:
        return (self.stream_options or {}).get("include_usage") is True


class AnswerMessageBody(WireModel):
    """What the model says."""

    role: Literal["assistant"] = "assistant"
    content: str | None
    tool_calls: Annotated[list[dict[str, Any]] | None, Field(exclude_if=is_none)] = None
    """The same as those of the choice, where clients of OpenAI look for them."""


class ChoiceBody(WireModel):
    """One answer."""

    index: int
    message: AnswerMessageBody
    finish_reason: str | None
    """stop, length or tool_calls."""
    tool_calls: Annotated[list[dict[str, Any]] | None, Field(exclude_if=is_none)] = None


class ChatUsageBody(WireModel):
    """Tokens, by both their names."""

    input_tokens: int
    output_tokens: int
    total_tokens: int
    prompt_tokens: int
    completion_tokens: int


class ChatRequestBody(WireModel):
    """What was asked for, without what was said."""

    model: str
    max_tokens: int
    temperature: Annotated[float | None, Field(exclude_if=is_none)] = None
    tools: Annotated[list[dict[str, Any]] | None, Field(exclude_if=is_none)] = None
    tool_choice: Annotated[str | dict[str, Any] | None, Field(exclude_if=is_none)] = None


class ChatBody(WireModel):
    """The answer."""

    request_id: str
    choices: list[ChoiceBody]
    request: ChatRequestBody
    usage: ChatUsageBody
    http_status_code: int
    response_time: int
    """Nanoseconds."""
    llm_status_code: int
    id: str
    """The same as `request_id`."""
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    """Seconds since 1970."""
    model: str
    """The model that answered, whatever it was asked for as."""


class ModelBody(WireModel):
    """A name by which a model may be asked for."""

    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "earshot"


class ModelListBody(WireModel):
    """The names of your project's models."""

    object: Literal["list"] = "list"
    data: list[ModelBody]


def parse_chat(body: Mapping[str, Any]) -> ChatParameters:
    """The request, checked; RequestInvalid says what is wrong."""
    if body.get("model") is None:
        raise RequestInvalid(MODEL_MISSING)
    wire = ChatParameters.parse(body)
    if (wire.messages is None) == (wire.prompt is None):
        raise RequestInvalid("either messages or prompt must be given, and not both")
    if body.get("n") not in (None, 1):
        raise RequestInvalid("n must be 1")
    _require_tool_choice(wire.tool_choice)
    return wire


def passed_on(wire: ChatParameters, body: Mapping[str, Any]) -> dict[str, Any]:
    """What an endpoint is asked, but for the model: as it came, where it may be passed on."""
    messages = wire.messages or [{"role": "user", "content": wire.prompt}]
    takes_names = wire.model.startswith(_TAKES_NAMES)
    asked: dict[str, Any] = {
        "messages": [
            _message(index, one, takes_names=takes_names) for index, one in enumerate(messages)
        ],
        "max_tokens": wire.most_tokens,
        "stream": wire.stream is True,
    }
    if wire.temperature is not None:
        asked["temperature"] = wire.temperature
    asked.update({name: body[name] for name in _PASSED_ON if body.get(name) is not None})
    if wire.stream:
        asked["stream_options"] = {"include_usage": True}
    return asked


def echo_of(wire: ChatParameters) -> ChatRequestBody:
    return ChatRequestBody(
        model=wire.model,
        max_tokens=wire.most_tokens,
        temperature=wire.temperature,
        tools=wire.tools,
        tool_choice=wire.tool_choice,
    )


def usage_body(used: Usage) -> ChatUsageBody:
    return ChatUsageBody(
        input_tokens=used.input_tokens,
        output_tokens=used.output_tokens,
        total_tokens=used.input_tokens + used.output_tokens,
        prompt_tokens=used.input_tokens,
        completion_tokens=used.output_tokens,
    )


def choice_bodies(choices: Sequence[Any]) -> list[ChoiceBody]:
    """The choices of an endpoint in the gateway's form; raises what a wrong form raises."""
    return [_choice_body(index, one) for index, one in enumerate(choices)]


def _choice_body(index: int, choice: Mapping[str, Any]) -> ChoiceBody:
    message = choice["message"]
    tool_calls = message.get("tool_calls") or None
    content = message.get("content")
    if content is None and tool_calls is None:
        content = ""  # it was still thinking, or had nothing to say
    return ChoiceBody(
        index=index,
        message=AnswerMessageBody(content=content, tool_calls=tool_calls),
        finish_reason=choice.get("finish_reason"),
        tool_calls=tool_calls,
    )


def _message(index: int, message: Mapping[str, Any], *, takes_names: bool) -> dict[str, Any]:
    where = f"messages[{index}]"
    role = message.get("role")
    if role not in ROLES:
        raise RequestInvalid(f"{where}.role must be one of: {', '.join(ROLES)}")
    content = _content(where, message.get("content"))
    put: dict[str, Any] = {"role": role, "content": content}
    if role == "tool":
        if not isinstance(message.get("tool_call_id"), str):
            raise RequestInvalid(f"{where}.tool_call_id must be a string")
        put["tool_call_id"] = message["tool_call_id"]
    tool_calls = message.get("tool_calls")
    if role == "assistant" and tool_calls:
        put["tool_calls"] = tool_calls
    elif content is None:
        raise RequestInvalid(f"{where}.content must be a string or a list of parts of text")
    name = message.get("name")
    if isinstance(name, str) and takes_names:
        put["name"] = name
    elif isinstance(name, str) and content is not None:
        # As the compatible API does for models that are not OpenAI's.
        put["content"] = f"{name}: {content}"
    return put


def _content(where: str, content: Any) -> str | None:  # noqa: ANN401 - any JSON value
    """The text; parts of it are joined. None for none; RequestInvalid for what is no text."""
    if content is None or isinstance(content, str):
        return content
    parts = content if isinstance(content, list) else [None]
    texts = [
        part.get("text") if isinstance(part, dict) and part.get("type") == "text" else None
        for part in parts
    ]
    if not all(isinstance(text, str) for text in texts):
        raise RequestInvalid(f"{where}.content must be a string or a list of parts of text")
    return "\n".join(str(text) for text in texts)


def _require_tool_choice(choice: str | dict[str, Any] | None) -> None:
    if isinstance(choice, str) and choice not in ("none", "auto", "required"):
        raise RequestInvalid(
            "tool_choice must be one of: none, auto, required, or an object that names a function"
        )
