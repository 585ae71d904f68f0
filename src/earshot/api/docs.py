"""The description of the API as a page to read: no script, nothing loaded from elsewhere."""

from html import escape
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

router = APIRouter(include_in_schema=False)

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
h2 { margin-top: 3rem; border-top: 1px solid #8888; padding-top: 1rem }
code { font-size: .95em }
td { text-align: left; vertical-align: top; padding: .2rem 1rem .2rem 0 }
:root { color-scheme: light dark }
"""
# Only what is on the page itself: a page that shows a key holder's API should run nothing.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """Every operation and every body."""
    page = render_docs(request.app.openapi())
    return HTMLResponse(page, headers={"Content-Security-Policy": _POLICY})


def render_docs(document: dict[str, Any]) -> str:
    """The OpenAPI document as HTML."""
    operations = "".join(
        _operation(method, path, operation)
        for path, item in document["paths"].items()
        for method, operation in item.items()
    )
    bodies = "".join(
        _schema(name, schema) for name, schema in sorted(document["components"]["schemas"].items())
    )
    title = escape(f"{document['info']['title']} {document['info']['version']}")
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style><h1>{title}</h1>"
        f"<p>{_prose(document['info']['description'])}</p>"
        '<p><a href="openapi.json">openapi.json</a></p>'
        f"<h2>Operations</h2>{operations}<h2>Bodies</h2>{bodies}</html>"
    )


def _operation(method: str, path: str, operation: dict[str, Any]) -> str:
    parameters = "".join(
        _row(parameter["name"], _type(parameter["schema"]), parameter.get("description", ""))
        for parameter in operation.get("parameters", [])
    )
    sent = operation.get("requestBody")
    if sent is not None:
        parameters += _row("body", _content(sent), sent.get("description", ""))
    answers = "".join(
        _row(status, _content(answer), answer.get("description", ""))
        for status, answer in operation["responses"].items()
    )
    return (
        f"<h3><code>{method.upper()} {escape(path)}</code> {escape(operation['summary'])}</h3>"
        f"<p>{_prose(operation.get('description', ''))}</p>"
        f"{_table(parameters)}<p>Answers</p>{_table(answers)}"
    )


def _schema(name: str, schema: dict[str, Any]) -> str:
    required = schema.get("required", [])
    fields = "".join(
        _row(
            field,
            _type(described) + (", required" if field in required else ""),
            described.get("description", ""),
        )
        for field, described in schema.get("properties", {}).items()
    )
    return (
        f'<h3 id="{escape(name)}">{escape(name)}</h3>'
        f"<p>{_prose(schema.get('description', ''))}</p>{_table(fields)}"
    )


def _content(described: dict[str, Any]) -> str:
    """The types of what a request or an answer carries."""
    content: dict[str, Any] = described.get("content", {})
    return ", ".join(
        f"{escape(media_type)} {_type(item.get('schema', {}))}"
        for media_type, item in content.items()
    )


def _type(schema: dict[str, Any]) -> str:
    """The type in a few words, as HTML; a body by a link to it."""
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f'<a href="#{name}">{name}</a>'
    if "anyOf" in schema:
        return " or ".join(map(_type, schema["anyOf"]))
    if "enum" in schema:
        return " | ".join(escape(str(value)) for value in schema["enum"])
    if "const" in schema:
        return escape(str(schema["const"]))
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    return escape(str(schema.get("type", "any")))


def _row(name: str, kind: str, description: str) -> str:
    return f"<tr><td><code>{escape(name)}</code><td>{kind}<td>{_prose(description)}</tr>"


def _table(rows: str) -> str:
    return f"<table>{rows}</table>" if rows else ""


def _prose(text: str) -> str:
    """Escaped text in which what stands between backticks is code."""
    parts = escape(text).split("`")
    return "".join(
        f"<code>{part}</code>" if index % 2 else part for index, part in enumerate(parts)
    )
