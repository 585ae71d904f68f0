"""The pages that follow from the code do follow from it, on any machine."""

import importlib.util
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).parents[2]


def _load_generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("docs_generate", ROOT / "docs" / "generate.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


generator = _load_generator()


@pytest.mark.parametrize("name", generator.PAGES)
def test_a_generated_page_says_what_the_code_says(name: str) -> None:
    committed = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert committed == generator.PAGES[name](), "stale: run python docs/generate.py"


@pytest.mark.parametrize("name", generator.PAGES)
def test_a_generated_page_tells_nothing_of_the_machine_it_was_made_on(name: str) -> None:
    page = generator.PAGES[name]()
    assert str(Path.home()) not in page
    assert str(ROOT) not in page


def test_every_error_of_the_tree_is_on_the_page_of_errors() -> None:
    page = generator.render_errors()
    leaves = [
        leaf
        for branch in (generator.CallerError, generator.OperatorError)
        for leaf in branch.__subclasses__()
    ]
    assert [leaf.__name__ for leaf in leaves if f"| `{leaf.__name__}` |" not in page] == []


def test_a_stale_page_is_named_and_fails_the_check(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert generator.main([], tmp_path) == 0
    assert generator.main(["--check"], tmp_path) == 0
    (tmp_path / "settings.md").write_text("# Old\n", encoding="utf-8")
    assert generator.main(["--check"], tmp_path) == 1
    assert "settings.md is stale" in capsys.readouterr().err
