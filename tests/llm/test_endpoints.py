import json

import pytest

from earshot.errors import SettingsInvalid
from earshot.llm.endpoints import (
    LlmEndpoint,
    choose_endpoint,
    dump_endpoints,
    read_endpoints,
    require_llm_url,
)

FIRST = LlmEndpoint("default", "http://llm:8080/v1", "small")
LEGAL = LlmEndpoint("legal", "https://llm.internal/v1", "large", "s3cret", ("law", "tax"))


def test_a_project_has_its_own_endpoint_and_all_others_the_first() -> None:
    assert choose_endpoint([FIRST, LEGAL], "law") == LEGAL
    assert choose_endpoint([FIRST, LEGAL], "default") == FIRST
    assert choose_endpoint([LEGAL], "default") is None
    assert choose_endpoint([], "law") is None


def test_a_project_that_is_to_have_none_has_none() -> None:
    assert choose_endpoint([FIRST, LEGAL], "default", without=["default"]) is None
    assert choose_endpoint([FIRST, LEGAL], "tax", without=["default"]) == LEGAL


def test_endpoints_are_a_table_or_json_of_the_same_shape() -> None:
    table = {"fast": {"url": "http://llm:8080/v1/", "model": "small", "projects": ["law"]}}
    expected = (LlmEndpoint("fast", "http://llm:8080/v1", "small", None, ("law",)),)
    assert read_endpoints(table) == expected
    assert read_endpoints(json.dumps(table)) == expected


def test_endpoints_can_be_handed_on_as_text() -> None:
    assert read_endpoints(dump_endpoints([FIRST, LEGAL])) == (FIRST, LEGAL)


@pytest.mark.parametrize(
    "raw",
    [
        "no json",
        "[]",
        {"a b": {"url": "http://llm", "model": "m"}},
        {"a": "http://llm"},
        {"a": {"url": "http://llm"}},
        {"a": {"url": "http://llm", "model": ""}},
        {"a": {"url": "http://llm", "model": "m", "kay": "s3cret"}},
        {"a": {"url": "http://llm", "model": "m", "projects": "law"}},
        {"a": {"url": "http://llm", "model": "m", "key": 5}},
    ],
)
def test_what_is_no_table_of_endpoints_is_refused_without_its_keys(raw: object) -> None:
    with pytest.raises(ValueError, match=r"must|no name") as refused:
        read_endpoints(raw)
    assert "s3cret" not in str(refused.value)


@pytest.mark.parametrize("url", ["llm:8080", "ftp://llm", "http://user:pass@llm", "http://"])
def test_what_is_no_url_is_refused(url: str) -> None:
    with pytest.raises(SettingsInvalid):
        require_llm_url(url)


def test_the_path_of_completions_may_stand_behind_the_url() -> None:
    assert require_llm_url("http://llm/v1/chat/completions") == "http://llm/v1"
