import re

from earshot.api.app import create_app
from earshot.api.docs import render_docs
from tests.api.conftest import World


def test_the_page_needs_no_key_and_loads_nothing_from_elsewhere(world: World) -> None:
    answer = world.client_with(None).get("/docs")
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "<script" not in answer.text
    assert not re.search(r'(src|href)="(https?:)?//', answer.text)
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_every_operation_and_every_parameter_is_on_the_page(world: World) -> None:
    document = create_app(world.services).openapi()
    page = render_docs(document)
    for path in document["paths"]:
        assert path in page
    for parameter in document["components"]["schemas"]["TranscriptRequest"]["properties"]:
        assert f"<code>{parameter}</code>" in page


def test_every_link_inside_the_page_leads_somewhere(world: World) -> None:
    page = world.client.get("/docs").text
    targets = set(re.findall(r'id="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= targets


def test_markup_in_a_description_is_text() -> None:
    page = render_docs(
        {
            "info": {"title": "<b>", "version": "1", "description": "`<i>`"},
            "paths": {},
            "components": {"schemas": {}},
        }
    )
    assert "<b>" not in page
    assert "<code>&lt;i&gt;</code>" in page
