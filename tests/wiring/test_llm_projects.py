from pathlib import Path

import pytest

from earshot.accounts.projects import ensure_project
from earshot.errors import SettingsInvalid
from earshot.settings import Settings, load_settings
from earshot.testing import NOON
from earshot.wiring.llm_projects import require_llm_projects
from earshot.wiring.records import open_records


def settings_for(data: Path, **given: str) -> Settings:
    return load_settings({"EARSHOT_DATA": str(data), **given})


def test_a_project_that_does_not_exist_is_refused_and_named(tmp_path: Path) -> None:
    legal = '{"l": {"url": "http://llm", "model": "m", "projects": ["default", "law", "lwa"]}}'
    settings = settings_for(tmp_path, EARSHOT_LLMS=legal)
    records = open_records(settings)
    with records.writing() as connection:
        ensure_project(connection, "law", NOON)
    with pytest.raises(SettingsInvalid, match=r"'lwa'.*earshot keys create"):
        require_llm_projects(settings, records)
    with records.writing() as connection:
        ensure_project(connection, "lwa", NOON)
    require_llm_projects(settings, records)


def test_so_is_one_that_is_to_have_none(tmp_path: Path) -> None:
    settings = settings_for(tmp_path, EARSHOT_LLM_EXCEPT="tax")
    with pytest.raises(SettingsInvalid, match="'tax'"):
        require_llm_projects(settings, open_records(settings))


def test_without_such_settings_there_is_nothing_to_refuse(tmp_path: Path) -> None:
    settings = settings_for(tmp_path)
    require_llm_projects(settings, open_records(settings))
