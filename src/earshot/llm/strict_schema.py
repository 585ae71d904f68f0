"""JSON schemas as the strictest servers want them."""

from typing import Any

# Of the keywords that pydantic writes, those that OpenAI's strict mode does not take. The answer is
# checked by pydantic in any case, and the model reads the whole schema in its instructions.
_REFUSED = frozenset({"minLength", "maxLength", "default", "title", "examples"})
# What these hold are schemas by names that are free, of which none is a keyword.
_BY_NAME = frozenset({"properties", "$defs"})


def strict_schema(schema: dict[str, Any]) -> dict[str, Any]:
    """The same schema with objects that are closed, and all their fields required.

    A form of answer is made of such objects, lists and plain values: one with keys of the model's
    own choice cannot be asked for strictly.
    """
    strict = {name: _strict(name, item) for name, item in schema.items() if name not in _REFUSED}
    if strict.get("type") == "object":
        strict["additionalProperties"] = False
        strict["required"] = list(strict.setdefault("properties", {}))
    return strict


def _strict(name: str, item: Any) -> Any:  # noqa: ANN401 - any JSON value
    if name in _BY_NAME and isinstance(item, dict):
        return {key: strict_schema(value) for key, value in item.items()}
    if isinstance(item, dict):
        return strict_schema(item)
    if isinstance(item, list):
        return [strict_schema(one) if isinstance(one, dict) else one for one in item]
    return item
