from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from tests.fake_hub import FakeHub
from tests.processes import Installation
from tests.tiny_models import make_tiny_whisper


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


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a tiny Whisper as its maker would publish it."""
    return make_tiny_whisper(tmp_path_factory.mktemp("published"))


@pytest.fixture
def hub(published: Path) -> Iterator[FakeHub]:
    files = {path.name: path.read_bytes() for path in published.iterdir()}
    with closing(FakeHub(files, "Systran/faster-whisper-tiny")) as hub:
        yield hub


def listed(earshot: Installation, name: str) -> str:
    lines = earshot.run("models", "list").stdout.splitlines()
    (line,) = [line for line in lines if line.split()[0] == name]
    return line


@pytest.mark.slow
class TestWholeModels:
    """Models whose files are learnt as they come."""

    @pytest.fixture
    def own(self, earshot: Installation, tmp_path: Path) -> Installation:
        """An installation with a store of its own."""
        earshot.environment["EARSHOT_MODELS"] = str(tmp_path / "models")
        return earshot

    def test_one_comes_from_the_hub_that_the_settings_name(
        self, own: Installation, hub: FakeHub
    ) -> None:
        own.environment["EARSHOT_HUB_URL"] = hub.url
        assert "missing" in listed(own, "whisper-tiny")
        pulled = own.run("models", "pull", "whisper-tiny")
        assert pulled.returncode == 0, pulled.stderr
        assert (
            f"whisper-tiny: pulled from {hub.url}/Systran/faster-whisper-tiny at" in pulled.stderr
        )
        assert "present      1.0 MB  af am ... (99)" in listed(own, "whisper-tiny")
        again = own.run("models", "pull", "whisper-tiny")
        assert again.stderr == "whisper-tiny: present and checked\n"

    def test_one_comes_from_a_folder_and_is_damaged_when_a_file_is_cut_short(
        self, own: Installation, published: Path
    ) -> None:
        pulled = own.run("models", "pull", "whisper-tiny", "--from", str(published))
        assert pulled.returncode == 0, pulled.stderr
        folder = Path(own.run("models", "path", "whisper-tiny").stdout.strip())
        (folder / "model.bin").write_bytes(b"cut short")
        assert "damaged" in listed(own, "whisper-tiny")
        used = own.run("transcribe", str(folder / "model.bin"), "--model", "whisper-tiny")
        assert used.returncode in (3, 4)  # neither a recording nor a model
        assert own.run("models", "rm", "whisper-tiny").returncode == 0
        assert "missing" in listed(own, "whisper-tiny")

    def test_a_hub_out_of_reach_says_what_to_do_without_a_network(self, own: Installation) -> None:
        own.environment["EARSHOT_HUB_URL"] = "http://127.0.0.1:1"
        pulled = own.run("models", "pull", "whisper-tiny")
        assert pulled.returncode == 4
        assert "the hub at http://127.0.0.1:1 cannot be reached" in pulled.stderr
        assert "--from FOLDER" in pulled.stderr
        assert "Traceback" not in pulled.stderr

    def test_a_folder_that_lacks_files_says_which(self, own: Installation, tmp_path: Path) -> None:
        (tmp_path / "empty").mkdir()
        pulled = own.run("models", "pull", "whisper-tiny", "--from", str(tmp_path / "empty"))
        assert pulled.returncode == 4
        assert "is incomplete: it has no config.json" in pulled.stderr
