import inspect
import re

import pytest

from earshot import errors
from earshot.errors import CallerError, EarshotError, ExtraMissing, OperatorError

BRANCHES = (EarshotError, CallerError, OperatorError)
CLASSES = [
    found
    for _, found in inspect.getmembers(errors, inspect.isclass)
    if issubclass(found, EarshotError) and found not in BRANCHES
]
every_error = pytest.mark.parametrize("error", CLASSES, ids=lambda error: error.__name__)


@every_error
def test_an_error_is_either_for_the_caller_or_for_us_to_fix(error: type[EarshotError]) -> None:
    assert issubclass(error, CallerError) != issubclass(error, OperatorError)


@every_error
def test_an_error_has_a_code_like_its_name(error: type[EarshotError]) -> None:
    assert error.code == re.sub(r"(?<!^)(?=[A-Z])", "_", error.__name__).lower()


@every_error
def test_an_error_says_what_it_is(error: type[EarshotError]) -> None:
    assert error.__doc__


def test_the_tree_in_the_docstring_is_the_tree() -> None:
    drawn = re.findall(r"^[ |]*[|`]- (\w+)", errors.__doc__ or "", re.MULTILINE)
    callers = drawn[drawn.index("CallerError") + 1 : drawn.index("OperatorError")]
    operators = drawn[drawn.index("OperatorError") + 1 :]
    assert sorted(callers) == sorted(e.__name__ for e in CLASSES if issubclass(e, CallerError))
    assert sorted(operators) == sorted(e.__name__ for e in CLASSES if issubclass(e, OperatorError))


def test_an_error_of_speech_threshold_gives_four_digits_and_the_request_as_it_was() -> None:
    error = errors.SpeechBelowThreshold(0.94612, 1.0)
    # "Audio speech threshold 0.9461 is below the requested speech threshold value 1.0"
    assert str(error) == (
        "Audio speech threshold 0.9461 is below the requested speech threshold value 1.0"
    )


def test_an_extra_is_installed_from_our_folder_and_not_by_a_name_of_the_package_index() -> None:
    told = str(ExtraMissing("whisper", "faster-whisper"))
    assert told.startswith(
        "faster-whisper is not installed. Run, in the folder with Earshot's source: "
    )
    assert told.endswith(".venv/bin/pip install -e '.[whisper]'")
