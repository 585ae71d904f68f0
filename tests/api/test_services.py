import uuid

from earshot.api.services import ApiOptions, random_id
from tests.api.conftest import World


def test_ids_are_random_uuids() -> None:
    first, second = random_id(), random_id()
    assert first != second
    assert uuid.UUID(first).version == 4


def test_the_limits_are_those_of_the_compatible_api() -> None:
    options = ApiOptions()
    assert options.upload_max_bytes == 2_200_000_000
    assert options.max_concurrent_jobs == 200
    assert options.list_window_days == 90
    assert options.compat == "lenient"


def test_each_application_uses_its_own_services(world: World) -> None:
    strict = world.client_with(world.key, compat="2026")
    body = {"audio_url": "https://example.com/a.mp3", "speech_model": "best"}
    assert strict.post("/v2/transcript", json=body).status_code == 400
    assert world.client.post("/v2/transcript", json=body).status_code == 200
