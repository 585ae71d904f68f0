from pathlib import Path

import pytest

from tests.processes import Installation

pytestmark = pytest.mark.slow


def test_data_on_the_command_line_overrules_the_environment(
    earshot: Installation, tmp_path: Path
) -> None:
    chosen = tmp_path / "chosen"
    assert earshot.run("keys", "list", "--data", str(chosen)).returncode == 0
    assert (chosen / "earshot.db").is_file()
    assert not earshot.data.exists()


def test_a_file_of_settings_is_read_and_the_environment_wins(
    earshot: Installation, tmp_path: Path
) -> None:
    config = tmp_path / "earshot.toml"
    config.write_text(f'data = "{tmp_path / "from-file"}"\nlog_level = "error"\n')
    assert earshot.run("keys", "list", "--config", str(config)).returncode == 0
    assert not (tmp_path / "from-file").exists()
    environment = {
        name: value for name, value in earshot.environment.items() if name != "EARSHOT_DATA"
    }
    assert earshot.run("keys", "list", "--config", str(config), env=environment).returncode == 0
    assert (tmp_path / "from-file" / "earshot.db").is_file()


def test_a_setting_that_does_not_exist_ends_with_4_and_its_name(
    earshot: Installation, tmp_path: Path
) -> None:
    config = tmp_path / "earshot.toml"
    config.write_text("prot = 8000\n")
    done = earshot.run("keys", "list", "--config", str(config))
    assert done.returncode == 4
    assert "prot" in done.stderr
