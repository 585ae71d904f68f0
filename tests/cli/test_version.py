from earshot import __version__
from tests.processes import Installation


def test_the_version_is_printed(earshot: Installation) -> None:
    assert earshot.run("--version").stdout == f"earshot {__version__}\n"
