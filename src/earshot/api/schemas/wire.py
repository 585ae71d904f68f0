"""What every body on the wire shares: strict types, ignored extras, and errors in our sentences.

A parameter says in its annotation what it `Must` be. Whatever pydantic finds wrong with it, the
caller reads one sentence, "<param> must be <constraint>", the pattern of the compatible API
("format_text must be a Boolean").
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Self, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from earshot.errors import RequestInvalid

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Must:
    """The end of the sentence "<param> must be ..."."""

    constraint: str


# Of every list: who sends a million wrong items reads one sentence, and no million errors are made.
TO_FIRST_FAULT = Field(fail_fast=True)

Flag = Annotated[bool | None, Must("a Boolean")]
Text = Annotated[str | None, Must("a string")]
Ratio = Annotated[
    Annotated[float, Field(ge=0, le=1)] | None, Must("a number between 0 and 1 (inclusive)")
]
Strings = Annotated[Annotated[list[str], TO_FIRST_FAULT] | None, Must("a list of strings")]

# 2**31 - 1 ms are 24 days: more than any recording, and an integer that every database holds.
Milliseconds = Annotated[
    Annotated[int, Field(ge=0, lt=2**31)] | None,
    Must("an integer of milliseconds between 0 and 2147483647"),
]


class WireModel(BaseModel):
    """A body of the API. "true" is no Boolean and 1.0 no integer; unknown names are ignored."""

    model_config = ConfigDict(
        strict=True,
        extra="ignore",
        frozen=True,
        use_attribute_docstrings=True,
        validate_by_name=True,
        validate_by_alias=True,
    )

    @classmethod
    def parse(cls, body: Mapping[str, Any]) -> Self:
        """The body checked, its nulls taken for absence; RequestInvalid names what is wrong."""
        present = {}
        for name in cls.model_fields:
            if body.get(name) is not None:
                present[name] = _storable(name, body[name])
        try:
            return cls.model_validate(present)
        except ValidationError as error:
            raise RequestInvalid(_sentence(cls, error.errors()[0]["loc"])) from error


def without_nulls(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The JSON value without the members that are null: a null means that the field is absent."""
    if isinstance(value, dict):
        return {name: without_nulls(item) for name, item in value.items() if item is not None}
    return value


def _storable(name: str, value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """The value without its nulls; RequestInvalid for one that we could not keep."""
    try:
        if _holds_unstorable(value):
            raise RequestInvalid(f"{name} must not contain NUL characters or lone surrogates")
        return without_nulls(value)
    except RecursionError as error:  # the parser goes deeper than we can follow
        raise RequestInvalid(f"{name} must not be nested that deeply") from error


def _holds_unstorable(value: Any) -> bool:  # noqa: ANN401 - any JSON value
    """Whether any string has a character that UTF-8, or PostgreSQL in text and JSON, has not."""
    match value:
        case str():
            return _UNSTORABLE.search(value) is not None
        case dict():
            return any(
                _holds_unstorable(name) or _holds_unstorable(item) for name, item in value.items()
            )
        case list():
            return any(map(_holds_unstorable, value))
        case _:
            return False


def _sentence(model: type[BaseModel], location: Sequence[int | str]) -> str:
    name = str(location[0])
    field = model.model_fields[name]
    nested = _nested_model(field.annotation)
    if nested is not None and len(location) > 1 and location[1] in nested.model_fields:
        return f"{name}.{_sentence(nested, location[1:])}"
    constraint = next(note.constraint for note in field.metadata if isinstance(note, Must))
    return f"{name} must be {constraint}"


def _nested_model(annotation: Any) -> type[BaseModel] | None:  # noqa: ANN401 - any annotation
    for candidate in (annotation, *get_args(annotation)):
        if isinstance(candidate, type) and issubclass(candidate, BaseModel):
            return candidate
    return None
