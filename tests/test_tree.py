"""Every module has its test file, and every test file its module, one to one."""

import ast
from pathlib import Path

import earshot

SOURCE = Path(earshot.__file__).parent
TESTS = Path(__file__).parent
LONGEST_FUNCTION_LINES = 60

WITHOUT_TEST = {
    "__init__.py": "the version, which cli/ prints, and a switch that integration/ tests",
    "__main__.py": "one call of cli.main",
    "api/compat.py": "a type; api/schemas/test_speech_models.py takes each of its values",
    "api/listening.py": "values without behaviour; api/test_server.py listens with them",
    "diarization/diarizer.py": "values and a Protocol; test_diarizer_contract.py holds it",
    "diarization/speakers.py": "a value; diarization/test_clustering.py makes it",
    "jobs/handlers.py": "Protocols; jobs/test_worker.py fills them",
    "jobs/workflows.py": "jobs/test_worker.py and integration/ run them, as they need an engine",
    "storage/migrations/env.py": "storage/test_database.py upgrades with it",
    "storage/migrations/versions/0001_first_tables.py": "storage/test_schema.py compares it",
    "storage/migrations/versions/0002_language_finding.py": "storage/test_database.py compares it",
    "storage/migrations/versions/0003_known_voices.py": "storage/test_database.py compares it",
    "streaming/options.py": "values without behaviour; streaming/test_session.py sets them",
    "storage/migrations/versions/0004_live_sessions.py": "storage/test_database.py compares it",
    "storage/migrations/versions/0005_findings.py": "storage/test_database.py compares it",
    "storage/migrations/versions/0006_unredacted.py": "storage/test_database.py compares it",
    "storage/migrations/versions/0007_accounts.py": "storage/test_database.py compares it",
    "storage/migrations/versions/0009_held.py": "storage/test_database.py compares it",
    "storage/migrations/versions/0008_lemur.py": "storage/test_database.py compares it",
    "wiring/features.py": "joins what is tested apart; compat/ and integration/ run what it joins",
    "wiring/api.py": "joins what is tested apart; compat/ and integration/ run what it joins",
    "wiring/models.py": "joins what is tested apart; compat/ and integration/ run what it joins",
    "wiring/records.py": "joins what is tested apart; compat/ and integration/ run what it joins",
    "wiring/worker.py": "joins what is tested apart; compat/ and integration/ run what it joins",
    "cli/__init__.py": "cli/test_command_line.py",
}
WITHOUT_MODULE = {
    "test_tree.py": "this one",
    "cli/test_command_line.py": "of the command line as a whole, in `cli/__init__.py`",
    "test_guards.py": "of conftest.py",
    "api/test_isolation.py": "of every route together",
    "models/test_embedded_models.py": "accuracy of all embedded models together",
    "recognition/test_recognizer_contract.py": "of every implementation of a Protocol",
    "understanding/test_feature_contract.py": "of every implementation of a Protocol",
    "diarization/test_diarizer_contract.py": "of every implementation of a Protocol",
}
# What several folders do together; what is not in `src`.
FOLDERS_WITHOUT_MODULES = {"integration", "compat", "benchmarks", "docs", "examples"}


def has_code(module: Path) -> bool:
    """Whether there is more in it than its docstring."""
    return len(ast.parse(module.read_text(encoding="utf-8")).body) > 1


def modules() -> set[str]:
    """Modules with code in them, as paths from `src/earshot`."""
    return {path.relative_to(SOURCE).as_posix() for path in SOURCE.rglob("*.py") if has_code(path)}


def modules_with_tests() -> dict[str, str]:
    """The module that each test file is for, whether it exists or not, by the test file."""
    tests = {path.relative_to(TESTS) for path in TESTS.rglob("test_*.py")}
    return {
        test.as_posix(): test.with_name(test.name.removeprefix("test_")).as_posix()
        for test in tests
        if test.parts[0] not in FOLDERS_WITHOUT_MODULES
    }


def test_every_module_has_its_test_file() -> None:
    assert sorted(modules() - set(modules_with_tests().values()) - WITHOUT_TEST.keys()) == []


def test_every_test_file_has_its_module() -> None:
    there_are = modules()
    astray = {test for test, module in modules_with_tests().items() if module not in there_are}
    assert sorted(astray - WITHOUT_MODULE.keys()) == []


def test_no_exception_has_outlived_its_reason() -> None:
    tested = set(modules_with_tests().values())
    assert [module for module in WITHOUT_TEST if module in tested] == []
    assert sorted(WITHOUT_TEST.keys() - modules()) == []
    assert [test for test in WITHOUT_MODULE if not (TESTS / test).is_file()] == []


def test_no_function_is_longer_than_sixty_lines() -> None:
    long = [
        f"{path.relative_to(SOURCE)}: {node.name}"
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno >= LONGEST_FUNCTION_LINES
    ]
    assert long == []
