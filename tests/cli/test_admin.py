import json
import re
from datetime import UTC, datetime

import pytest

from earshot.accounts.usage import Product, UsageOwner, record_audio
from earshot.storage.database import open_database, upgrade_schema
from earshot.storage.projects import find_project_by_name
from tests.processes import Installation

MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)


def use(earshot: Installation, audio_ms: int) -> None:
    engine = open_database(f"sqlite:///{earshot.data / 'earshot.db'}")
    upgrade_schema(engine)
    with engine.begin() as conn:
        project = find_project_by_name(conn, "law")
        assert project is not None
        owner = UsageOwner(project.id, None)
        record_audio(conn, owner, Product.TRANSCRIPTION, "tiny", audio_ms=audio_ms, now=MONDAY)
    engine.dispose()


@pytest.mark.slow
def test_a_project_is_made_renamed_limited_and_deleted(earshot: Installation) -> None:
    assert earshot.run("admin", "projects", "create", "law").returncode == 0
    again = earshot.run("admin", "projects", "create", "law")
    assert (again.returncode, again.stdout) == (3, "")
    assert earshot.run("admin", "projects", "rename", "law", "court").returncode == 0
    limited = earshot.run("admin", "projects", "limit", "court", "--live-sessions", "5")
    assert "live_sessions: 5" in limited.stdout
    listed = earshot.run("admin", "projects", "list").stdout
    assert re.search(r"  court  made \S+  live_sessions=5\n", listed)
    (shown,) = json.loads(earshot.run("admin", "projects", "list", "--json").stdout)
    assert (shown["name"], shown["limits"]) == ("court", {"live_sessions": 5})
    too_many = earshot.run("admin", "projects", "limit", "court", "--live-sessions", str(2**31))
    assert too_many.returncode == 2
    removed = earshot.run("admin", "projects", "limit", "court", "--live-sessions", "0")
    assert "live_sessions: none" in removed.stdout
    assert earshot.run("admin", "projects", "delete", "court", "--yes").returncode == 0
    assert earshot.run("admin", "projects", "list").stdout == ""
    assert earshot.run("admin", "projects", "delete", "court", "--yes").returncode == 3


@pytest.mark.slow
def test_an_admin_key_is_shown_once_and_listed_until_it_is_revoked(earshot: Installation) -> None:
    made = earshot.run("admin", "keys", "create", "ops").stdout
    assert re.fullmatch(r"esadm_[0-9a-f]{64}\n", made)
    listed = earshot.run("admin", "keys", "list").stdout
    assert listed.startswith(made[:12])
    assert made.strip() not in listed
    (shown,) = json.loads(earshot.run("admin", "keys", "list", "--json").stdout)
    assert (shown["name"], shown["hint"], shown["last_used"]) == ("ops", made[:12], None)
    assert earshot.run("admin", "keys", "revoke", "ops").returncode == 0
    assert earshot.run("admin", "keys", "list").stdout == ""
    assert earshot.run("admin", "keys", "revoke", "ops").returncode == 3


@pytest.mark.slow
def test_usage_is_shown_with_its_price(earshot: Installation) -> None:
    earshot.run("admin", "projects", "create", "law")
    use(earshot, 1_800_000)
    shown = earshot.run("admin", "usage").stdout
    assert shown == "law  transcription  requests 1  audio h 0.50\n"
    assert earshot.run("admin", "usage", "--from", "2026-03-03").stdout == ""
    (line,) = json.loads(earshot.run("admin", "usage", "--by", "day", "--json").stdout)
    assert (line["day"], line["audio_ms"]) == ("2026-03-02", 1_800_000)
    assert earshot.run("admin", "usage", "--by", "").stdout == "requests 1  audio h 0.50\n"
    assert earshot.run("admin", "usage", "--by", "colour").returncode == 2
    backwards = ("--from", "2026-03-02", "--to", "2026-03-01")
    assert earshot.run("admin", "usage", *backwards).returncode == 3


@pytest.mark.slow
def test_usage_of_a_deleted_project_is_found_by_the_name_that_it_has_in_reports(
    earshot: Installation,
) -> None:
    project_id = earshot.run("admin", "projects", "create", "law").stdout.strip()
    use(earshot, 1_800_000)
    assert earshot.run("admin", "projects", "delete", "law", "--yes").returncode == 0
    gone = f"deleted:{project_id}"
    shown = earshot.run("admin", "usage", "--project", gone, "--by", "project").stdout
    assert shown == f"{gone}  requests 1  audio h 0.50\n"
    assert earshot.run("admin", "usage", "--project", "law").returncode == 3


@pytest.mark.slow
def test_a_name_that_would_garble_a_list_is_a_wrong_command_line(earshot: Installation) -> None:
    for arguments in (("projects", "create", "law "), ("keys", "create", "\x1b[2J")):
        done = earshot.run("admin", *arguments)
        assert (done.returncode, done.stdout) == (2, "")
    made = earshot.run("admin", "projects", "create", "deleted:1")
    assert (made.returncode, made.stdout) == (3, "")
