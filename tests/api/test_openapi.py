from typing import Any

import pytest

from earshot.api.app import create_app
from tests.api.conftest import World


@pytest.fixture
def document(world: World) -> dict[str, Any]:
    return create_app(world.services).openapi()


def test_the_description_is_open_to_all(world: World) -> None:
    answer = world.client_with(None).get("/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["info"]["title"] == "Earshot"


def test_every_operation_of_the_contract_is_described(document: dict[str, Any]) -> None:
    operations = {
        f"{method.upper()} {path}" for path, item in document["paths"].items() for method in item
    }
    assert operations == {
        "GET /health",
        "POST /v2/upload",
        "GET /upload/{upload_id}",
        "POST /v2/transcript",
        "GET /v2/transcript",
        "GET /v2/transcript/{transcript_id}",
        "DELETE /v2/transcript/{transcript_id}",
        "POST /v2/transcript/{transcript_id}/cancel",
        "GET /v2/transcript/{transcript_id}/sentences",
        "GET /v2/transcript/{transcript_id}/paragraphs",
        "GET /v2/transcript/{transcript_id}/word-search",
        "GET /v2/transcript/{transcript_id}/srt",
        "GET /v2/transcript/{transcript_id}/vtt",
        "GET /v2/transcript/{transcript_id}/redacted-audio",
        "GET /redacted-audio/{file}",
        "POST /v1/understanding",
        "POST /v1/understanding/validate",
        "GET /v3/token",
        "POST /v3/token",
        "POST /v2/realtime/token",
        "POST /v3/sessions/{session_id}/viewer-token",
        "GET /v3/sessions/{session_id}/events",
    }


def test_every_reference_leads_to_a_schema(document: dict[str, Any]) -> None:
    def references(node: object) -> set[str]:
        if isinstance(node, dict):
            here = {node["$ref"]} if "$ref" in node else set()
            return here.union(*map(references, node.values()))
        return set().union(*map(references, node)) if isinstance(node, list) else set()

    known = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    assert references(document) <= known


def test_bodies_are_described_field_by_field(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert "audio_url" in schemas["TranscriptRequest"]["required"]
    assert schemas["TranscriptBody"]["properties"]["audio_duration"]["description"]
    assert schemas["UnderstandingRequest"]["required"] == ["transcript_id", "speech_understanding"]
    submit = document["paths"]["/v2/transcript"]["post"]
    assert submit["responses"]["200"]["content"]["application/json"]["schema"] == {
        "$ref": "#/components/schemas/TranscriptBody"
    }


def test_the_key_is_described_as_a_header(document: dict[str, Any]) -> None:
    scheme = document["components"]["securitySchemes"]["ApiKey"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "Authorization")
