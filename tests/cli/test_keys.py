import re
from pathlib import Path

import pytest

from tests.processes import Installation


def test_create_prints_the_key_alone(earshot: Installation) -> None:
    done = earshot.run("keys", "create", "laptop")
    assert done.returncode == 0
    assert re.fullmatch(r"[0-9a-f]{32,}\n", done.stdout)
    assert done.stderr == ""


@pytest.mark.slow
def test_a_name_can_be_used_once_in_a_project(earshot: Installation) -> None:
    earshot.new_key("laptop")
    again = earshot.run("keys", "create", "laptop")
    assert again.returncode == 3
    assert again.stdout == ""
    assert "laptop" in again.stderr
    assert earshot.run("keys", "create", "laptop", "--project", "other").returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("name", ["", " ", "a\nb", "\x1b[2J"])
def test_a_name_that_would_garble_the_list_is_refused(earshot: Installation, name: str) -> None:
    for arguments in ([name], ["laptop", "--project", name]):
        done = earshot.run("keys", "create", *arguments)
        assert (done.returncode, done.stdout) == (2, "")


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is full")
def test_a_key_that_could_not_be_shown_does_not_exist(earshot: Installation) -> None:
    with Path("/dev/full").open("w") as full:
        done = earshot.run("keys", "create", "laptop", stdout=full)
    assert done.returncode == 4
    assert "Traceback" not in done.stderr
    assert earshot.run("keys", "list").stdout == ""


@pytest.mark.slow
def test_list_shows_the_start_of_every_key_that_works(earshot: Installation) -> None:
    kept = earshot.new_key("kept")
    revoked = earshot.new_key("revoked")
    assert earshot.run("keys", "revoke", "revoked").returncode == 0
    listed = earshot.run("keys", "list").stdout
    assert f"{kept[:8]}..." in listed
    assert kept not in listed
    assert revoked[:8] not in listed
    assert earshot.run("keys", "revoke", "revoked").returncode == 3


@pytest.mark.slow
def test_a_key_made_while_the_server_runs_opens_it_at_once(earshot: Installation) -> None:
    server = earshot.serve("--role", "api")
    api = earshot.api(server, earshot.new_key("laptop"))
    assert api.json("GET", "/v2/transcript")["transcripts"] == []


@pytest.mark.slow
def test_the_webhook_secret_stays_until_it_is_rotated(earshot: Installation) -> None:
    earshot.new_key("laptop")
    first = earshot.run("keys", "webhook-secret").stdout
    assert re.fullmatch(r"whsec_[A-Za-z0-9+/=]+\n", first)
    assert earshot.run("keys", "webhook-secret").stdout == first
    assert earshot.run("keys", "webhook-secret", "--rotate").stdout != first


def test_a_damaged_database_is_one_line_and_no_traceback(earshot: Installation) -> None:
    earshot.data.mkdir()
    (earshot.data / "earshot.db").write_bytes(b"no database at all" * 100)
    done = earshot.run("keys", "list")
    assert done.returncode == 4
    assert done.stdout == ""
    assert done.stderr.startswith("earshot: The database answers, but cannot be used")
    assert "because: file is not a database" in done.stderr
    assert "Traceback" not in done.stderr
