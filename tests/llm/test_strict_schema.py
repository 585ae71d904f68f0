from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints

from earshot.llm.strict_schema import strict_schema
from tests.llm.server import Reply, as_openai_answers


class Speaker(BaseModel):
    title: str
    default: str = "none"


class Answer(BaseModel):
    names: list[Speaker] = Field(min_length=1)
    best: Speaker | None = None
    gist: Annotated[str, StringConstraints(min_length=1, max_length=9)]


def test_objects_are_closed_and_all_their_fields_required() -> None:
    strict = strict_schema(Answer.model_json_schema())
    assert strict["additionalProperties"] is False
    assert strict["required"] == ["names", "best", "gist"]
    assert strict["$defs"]["Speaker"]["required"] == ["title", "default"]
    assert strict["$defs"]["Speaker"]["additionalProperties"] is False


def test_fields_may_be_called_as_keywords_are() -> None:
    strict = strict_schema(Answer.model_json_schema())
    assert strict["$defs"]["Speaker"]["properties"].keys() == {"title", "default"}


def test_openai_takes_it() -> None:
    described = {"schema": strict_schema(Answer.model_json_schema()), "strict": True}
    asked: dict[str, Any] = {"response_format": {"type": "json_schema", "json_schema": described}}
    assert as_openai_answers(Reply("yes"))(asked) == Reply("yes")
    plain = {"schema": Answer.model_json_schema(), "strict": True}
    asked["response_format"]["json_schema"] = plain
    assert as_openai_answers(Reply("yes"))(asked).status == 400


def test_the_schema_that_is_given_stays_as_it_is() -> None:
    schema = Answer.model_json_schema()
    strict_schema(schema)
    assert schema == Answer.model_json_schema()
