from pathlib import Path

import pytest

from tests.processes import Installation


def test_list_names_every_model_and_its_licence(earshot: Installation) -> None:
    listed = earshot.run("models", "list")
    assert listed.returncode == 0
    for name in ("moonshine", "silero", "pyannote", "sample"):
        assert name in listed.stdout
    assert "MIT" in listed.stdout


@pytest.mark.slow
def test_a_model_is_pulled_from_the_wheel_found_and_removed(
    earshot: Installation, tmp_path: Path
) -> None:
    environment = earshot.environment | {"EARSHOT_MODELS": str(tmp_path / "models")}
    pulled = earshot.run("models", "pull", "silero", env=environment)
    assert pulled.returncode == 0, pulled.stderr
    path = Path(earshot.run("models", "path", "silero", env=environment).stdout.strip())
    assert path == tmp_path / "models" / "silero"
    assert [file.name for file in path.iterdir()] == ["silero_vad.ort"]
    assert earshot.run("models", "rm", "silero", env=environment).stdout == "silero: removed\n"
    assert not path.exists()


@pytest.mark.slow
@pytest.mark.parametrize("command", ["pull", "path", "rm"])
def test_an_unknown_model_ends_with_4_and_the_names_there_are(
    earshot: Installation, command: str
) -> None:
    done = earshot.run("models", command, "nonsense")
    assert done.returncode == 4
    assert "known: moonshine" in done.stderr
