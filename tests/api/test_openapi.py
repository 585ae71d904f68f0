import re
import uuid
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from typing import Any, Never

import httpx2
import pytest
import schemathesis
import sqlalchemy as sa
from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from hypothesis import HealthCheck, given, settings
from hypothesis.errors import Unsatisfiable
from jsonschema_rs import Draft202012Validator
from schemathesis import CheckFunction
from schemathesis.specs.openapi.checks import negative_data_rejection, positive_data_acceptance
from typing_extensions import override

from earshot.accounts.admin_keys import create_admin_key
from earshot.accounts.keys import authenticate
from earshot.api.app import ROUTERS, create_app
from earshot.api.sync_services import DEFAULT_SYNC_LIMITS, SyncPlaces, SyncServices
from earshot.errors import StorageFull
from earshot.storage.database import open_database
from earshot.storage.projects import set_project_limits
from earshot.storage.transcripts import begin_transcript, complete_transcript
from tests.api.conftest import AUDIO_URL, HandClock, JobLedger, World, result_of
from tests.api.sync import ScriptedEngines


@pytest.fixture
def document(world: World) -> dict[str, Any]:
    return create_app(world.services).openapi()


def test_the_description_is_open_to_all(world: World) -> None:
    answer = world.client_with(None).get("/openapi.json")
    assert answer.status_code == 200
    assert answer.json()["info"]["title"] == "Earshot"


def test_every_part_of_a_path_that_varies_is_described(document: dict[str, Any]) -> None:
    for path, item in document["paths"].items():
        varying = set(re.findall(r"{(\w+)}", path))
        for operation in item.values():
            parameters = operation.get("parameters", [])
            assert varying == {one["name"] for one in parameters if one["in"] == "path"}, path


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
        "POST /lemur/v3/generate/task",
        "POST /lemur/v3/generate/summary",
        "POST /lemur/v3/generate/question-answer",
        "POST /lemur/v3/generate/action-items",
        "GET /lemur/v3/{request_id}",
        "DELETE /lemur/v3/{request_id}",
        "POST /v1/chat/completions",
        "GET /v1/models",
        "POST /serve/api/v2/assets",
        "POST /serve/api/v2/transcriptions/speech-to-text",
        "GET /v3/token",
        "POST /v3/token",
        "POST /v2/realtime/token",
        "POST /v3/sessions/{session_id}/viewer-token",
        "GET /v3/sessions/{session_id}/events",
        "GET /admin/v1/projects",
        "POST /admin/v1/projects",
        "GET /admin/v1/projects/{project_id}",
        "PATCH /admin/v1/projects/{project_id}",
        "DELETE /admin/v1/projects/{project_id}",
        "POST /admin/v1/projects/{project_id}/keys",
        "GET /admin/v1/keys",
        "DELETE /admin/v1/keys/{key_id}",
        "GET /admin/v1/usage",
        "POST /v1/transcribe",
        "POST /transcribe",
        "POST /v1/transcribe/live",
        "POST /v1/transcribe/stream",
        "GET /v1/warm",
        "POST /v1/audio/transcriptions",
        "POST /v1/audio/translations",
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


def test_live_sessions_are_told_of_as_no_operation_is_theirs(document: dict[str, Any]) -> None:
    for address in ("/v3/ws", "/v2/realtime/ws"):
        assert f"`{address}`" in document["info"]["description"]
        assert address not in document["paths"]


def test_no_answer_is_promised_that_only_the_framework_would_give(
    document: dict[str, Any],
) -> None:
    assert "ValidationError" not in str(document)
    submit = document["paths"]["/v2/transcript"]["post"]
    assert "Idempotency-Key" in submit["responses"]["422"]["description"]
    assert "422" not in document["paths"]["/v2/transcript/{transcript_id}"]["get"]["responses"]


def test_the_events_of_a_session_are_described_as_events(document: dict[str, Any]) -> None:
    watch = document["paths"]["/v3/sessions/{session_id}/events"]["get"]
    assert watch["responses"]["200"]["content"] == {
        "text/event-stream": {"schema": {"type": "string"}}
    }
    [token] = [one for one in watch["parameters"] if one["in"] == "query"]
    assert "viewer-token" in token["description"]


def test_what_a_token_may_be_asked_for_is_described(document: dict[str, Any]) -> None:
    asked = document["paths"]["/v3/token"]["get"]["parameters"][0]
    assert (asked["required"], asked["schema"]) == (
        True,
        {"type": "integer", "minimum": 1, "maximum": 600},
    )
    sent = document["paths"]["/v2/realtime/token"]["post"]["requestBody"]
    assert sent["required"]
    assert sent["content"]["application/json"]["schema"]["required"] == ["expires_in"]


def test_every_error_is_described_with_its_body(document: dict[str, Any]) -> None:
    bare = [
        f"{method} {path} {status}"
        for path, item in document["paths"].items()
        for method, operation in item.items()
        for status, answer in operation["responses"].items()
        if int(status) >= 400 and not answer.get("content")
    ]
    assert bare == []


def operations_with(document: dict[str, Any], *, key: str) -> list[tuple[str, str]]:
    """Method and path of each operation that such a key opens."""
    return [
        (method, path.format(**IDS))
        for path, item in document["paths"].items()
        for method, operation in item.items()
        if {key: []} in operation.get("security", ())
    ]


# Nothing has such an id.
IDS = {
    f"{name}_id": str(uuid.UUID(int=0))
    for name in ("transcript", "request", "session", "project", "key", "upload")
} | {"file": "x.mp3"}


def require_described(document: dict[str, Any], answer: httpx2.Response) -> None:
    """The answer has a status, a type and a body of those that its operation is said to have."""
    asked = f"{answer.request.method} {answer.request.url.path}"
    [operation] = [
        item[method]
        for path, item in document["paths"].items()
        for method in item
        if asked == f"{method.upper()} {path.format(**IDS)}"
    ]
    told = operation["responses"].get(str(answer.status_code))
    assert told is not None, f"{asked}: {answer.status_code} is not described"
    media_type = answer.headers["content-type"].partition(";")[0]
    assert media_type in told["content"], asked
    schema = {**told["content"][media_type]["schema"], "components": document["components"]}
    Draft202012Validator(schema).validate(answer.json())
    if answer.status_code in (429, 503):
        assert int(answer.headers["Retry-After"]) >= 1


def call_all(
    document: dict[str, Any], client: TestClient, status: int, *, key: str = "ApiKey"
) -> None:
    """Every operation of the kind answers that, as it is described."""
    operations = operations_with(document, key=key)
    assert len(operations) > 8
    for method, path in operations:
        answer = client.request(method, path)
        assert answer.status_code == status, f"{method} {path}: {answer.text}"
        require_described(document, answer)


@pytest.mark.parametrize("key", ["ApiKey", "AdminKey"])
def test_a_stranger_is_refused_as_it_is_described(
    world: World, document: dict[str, Any], key: str
) -> None:
    with world.services.engine.begin() as conn:
        create_admin_key(conn, "ops", world.clock())
    call_all(document, world.client_with("a stranger's"), 401, key=key)


def test_whoever_asks_too_often_is_refused_as_it_is_described(
    world: World, document: dict[str, Any]
) -> None:
    with world.services.engine.begin() as conn:
        project_id = authenticate(conn, world.key, world.clock()).project_id
        set_project_limits(conn, project_id, {"requests_per_5_min": 1})
    world.client.get("/v2/transcript")
    call_all(document, world.client, 429)


@pytest.mark.parametrize("key", ["ApiKey", "AdminKey"])
def test_a_database_out_of_reach_is_told_as_it_is_described(
    world: World, document: dict[str, Any], key: str
) -> None:
    nowhere = open_database("postgresql://nobody@127.0.0.1:9/none")
    client = TestClient(create_app(replace(world.services, engine=nowhere)))
    client.headers["Authorization"] = world.key
    call_all(document, client, 503, key=key)


@pytest.mark.parametrize("key", ["ApiKey", "AdminKey"])
def test_a_fault_of_ours_is_told_as_it_is_described(
    world: World, document: dict[str, Any], key: str
) -> None:
    def stopped() -> Never:
        raise RuntimeError("the clock has stopped")

    with world.services.engine.begin() as conn:
        create_admin_key(conn, "ops", world.clock())
    client = TestClient(create_app(replace(world.services, clock=stopped)))
    client.headers["Authorization"] = world.key
    call_all(document, client, 500, key=key)


def test_a_body_that_is_too_large_is_refused_as_it_is_described(
    world: World, document: dict[str, Any]
) -> None:
    client = world.client_with(world.key, body_max_bytes=3, upload_max_bytes=3)
    paths = [
        path
        for path, item in document["paths"].items()
        if "requestBody" in item.get("post", {}) and not path.startswith("/admin/")
        if item["post"]["requestBody"]["content"].keys() & BODIES_READ_WHOLE
    ]
    assert len(paths) > 10
    for path in paths:
        answer = client.post(path, content=b"{   }")
        assert answer.status_code == 413, f"{path}: {answer.text}"
        require_described(document, answer)


def test_a_full_disk_is_told_as_it_is_described(world: World, document: dict[str, Any]) -> None:
    world.jobs.failure = StorageFull()
    body = {"audio_url": AUDIO_URL}
    require_described(document, world.client.post("/v2/transcript", json=body))
    wrapped = {"provider": "assemblyai", "url": AUDIO_URL}
    path = "/serve/api/v2/transcriptions/speech-to-text"
    answer = world.client.post(path, json=wrapped)
    assert answer.status_code == 507
    require_described(document, answer)


class InstantJobs(JobLedger):
    """A queue whose every job is done as soon as it is there."""

    def __init__(self, clock: HandClock) -> None:
        super().__init__()
        self._clock = clock

    @override
    def submit(
        self, conn: sa.Connection, job_id: str, *, account_id: str, priority: int = 0
    ) -> None:
        super().submit(conn, job_id, account_id=account_id, priority=priority)
        begin_transcript(conn, job_id, self._clock())
        complete_transcript(conn, job_id, result_of("Good morning."), self._clock())


BODIES_READ_WHOLE = {"application/json", "application/octet-stream"}
AnyCase = schemathesis.Case[Any]
OPERATIONS = [
    f"{method} {route.path}"
    for router in ROUTERS
    for route in router.routes
    if isinstance(route, APIRoute) and route.include_in_schema
    for method in sorted(route.methods or ())
]


@dataclass(frozen=True, slots=True)
class DescribedApi:
    """An API in which everything is done at once, and the keys to it."""

    world: World
    app: FastAPI
    admin_key: str

    def key_for(self, path: str) -> str:
        return self.admin_key if path.startswith("/admin/") else self.world.key

    def make(self, path: str, **body: object) -> str:
        """The id of what a request with this body makes."""
        client = TestClient(self.app, headers={"Authorization": self.key_for(path)})
        answer = client.post(path, json=body)
        assert answer.status_code < 300, answer.text
        made: str = answer.json()["id"]
        return made

    def give_ids(self, case: AnyCase) -> None:
        """Have the case name what is there, in place of what it made up."""
        if "transcript_id" in case.path_parameters:
            case.path_parameters["transcript_id"] = self.make("/v2/transcript", audio_url=AUDIO_URL)
        if "project_id" in case.path_parameters:
            name = str(uuid.uuid4())
            case.path_parameters["project_id"] = self.make("/admin/v1/projects", name=name)
        if isinstance(case.body, dict) and case.body.get("transcript_ids"):
            case.body["transcript_ids"] = [self.make("/v2/transcript", audio_url=AUDIO_URL)]
        if isinstance(case.body, dict) and "transcript_id" in case.body:
            case.body["transcript_id"] = self.make("/v2/transcript", audio_url=AUDIO_URL)


@pytest.fixture
def api(world: World) -> DescribedApi:
    with world.services.engine.begin() as conn:
        admin_key = create_admin_key(conn, "ops", world.clock()).secret
    sync = SyncServices(ScriptedEngines(), DEFAULT_SYNC_LIMITS, SyncPlaces())
    app = create_app(replace(world.services, jobs=InstantJobs(world.clock), sync=sync))
    return DescribedApi(world, app, admin_key)


def checks_not_held(case: AnyCase) -> list[CheckFunction]:
    """What is not true of us, and should not be."""
    # "Valid" requests are refused by right: ids are unknown, and parameters exclude one another,
    # neither of which a schema says.
    not_held: list[CheckFunction] = [positive_data_acceptance]
    # Names that we do not know are ignored, as the compatible API has it; and parts of a form are
    # text, which is not of a wrong type.
    known = {parameter.name for parameter in case.operation.query}
    if not known.issuperset(case.query or ()) or case.media_type == "multipart/form-data":
        not_held.append(negative_data_rejection)
    return not_held


@pytest.mark.slow
@pytest.mark.parametrize("mode", list(schemathesis.GenerationMode))
@pytest.mark.parametrize("operation", OPERATIONS)
def test_every_answer_is_as_it_is_described(
    api: DescribedApi, operation: str, mode: schemathesis.GenerationMode
) -> None:
    method, path = operation.split()
    described = schemathesis.openapi.from_asgi("/openapi.json", api.app)[path][method]
    headers = {"Authorization": api.key_for(path)}

    @settings(
        max_examples=10,
        derandomize=True,
        database=None,
        suppress_health_check=[HealthCheck.filter_too_much],
    )
    @given(case=described.as_strategy(generation_mode=mode))
    def check(case: AnyCase) -> None:
        if mode.is_positive:
            api.give_ids(case)
        case.call_and_validate(headers=headers, excluded_checks=checks_not_held(case))

    # Of some operations nothing can be wrong: any text is an id.
    with suppress(Unsatisfiable) if mode.is_negative else nullcontext():
        check()
