"""Whether the settings of language models name projects that there are."""

from earshot.accounts.projects import DEFAULT_PROJECT
from earshot.errors import SettingsInvalid
from earshot.settings import Settings
from earshot.storage.projects import find_project_by_name
from earshot.wiring.records import Records


def require_llm_projects(settings: Settings, records: Records) -> None:
    """SettingsInvalid for a project that does not exist: perhaps the name is misspelled.

    The transcripts of the one that is meant would go to another endpoint than its own. The first
    start makes the default project, so that one may be named before.
    """
    with records.reading() as connection:
        for name in settings.llm_projects:
            if name != DEFAULT_PROJECT and find_project_by_name(connection, name) is None:
                raise SettingsInvalid(
                    f"EARSHOT_LLMS or EARSHOT_LLM_EXCEPT names a project that does not exist, "
                    f"'{name}': correct it, or make the project with its first key: "
                    f"earshot keys create NAME --project '{name}'"
                )
